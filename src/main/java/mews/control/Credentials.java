package mews.control;

import mews.account.Keys;
import mews.model.Caller;
import mews.model.KeyScope;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Who is calling. protocol: control 1.3
final class Credentials {
    private static final String HOW = "; set FAL_KEY to the id:secret of a key of this server";

    private final Keys keys;

    Credentials(Keys keys) {
        this.keys = keys;
    }

    /// @param authorization `Key id:secret`, or a key as a bearer token
    /// @throws Refusal if it is not an ADMIN key of this server
    Caller admin(@Nullable String authorization) {
        return admin(any(authorization));
    }

    /// @throws Refusal if it is no key of this server
    Caller any(@Nullable String authorization) {
        if (authorization == null) {
            throw unauthenticated("no credentials were sent" + HOW);
        }
        String[] words = authorization.strip().split("\\s+", 2);
        boolean scheme = words[0].equalsIgnoreCase("key") || words[0].equalsIgnoreCase("bearer");
        if (words.length < 2 || !scheme) {
            throw unauthenticated("credentials of an unknown kind were sent" + HOW);
        }
        int colon = words[1].indexOf(':');
        if (colon < 0) {
            throw unauthenticated("login tokens are not known here" + HOW);
        }
        return any(words[1].substring(0, colon), words[1].substring(colon + 1));
    }

    Caller admin(String id, String secret) {
        return admin(any(id, secret));
    }

    private Caller any(String id, String secret) {
        Caller caller = keys.authenticate(id, secret);
        if (caller == null) {
            throw unauthenticated("key '%s' is unknown or its secret is wrong".formatted(id) + HOW);
        }
        return caller;
    }

    private static Caller admin(Caller caller) {
        if (caller.scope() != KeyScope.ADMIN) {
            throw new Refusal(
                    Refusal.Kind.FORBIDDEN,
                    "key '%s' has scope API and may only call apps; this needs scope ADMIN"
                            .formatted(caller.keyId()));
        }
        return caller;
    }

    private static Refusal unauthenticated(String message) {
        return new Refusal(Refusal.Kind.UNAUTHENTICATED, message);
    }
}
