package mews.control;

import mews.account.Keys;
import mews.account.LoginTokens;
import mews.account.Teams;
import mews.model.Caller;
import mews.model.KeyScope;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Who is calling. protocol: control 1.3
final class Credentials {
    private static final String HOW = "; set FAL_KEY to the id:secret of a key of this server";

    /// What came with a request.
    ///
    /// @param authorization `Key id:secret`, or a login token or key as a bearer; null: nothing
    /// @param userId of the account to act for; null: the key's own
    /// @param from the machine it came from
    record Sent(@Nullable String authorization, @Nullable String userId, String from) {}

    private final Keys keys;
    private final Teams teams;

    Credentials(Keys keys, Teams teams) {
        this.keys = keys;
        this.teams = teams;
    }

    /// @throws Refusal if it is not an ADMIN key of this server
    Caller admin(Sent sent) {
        return admin(any(sent));
    }

    /// @throws Refusal if it is no key of this server
    Caller any(Sent sent) {
        if (sent.authorization() == null) {
            throw unauthenticated("no credentials were sent" + HOW);
        }
        String[] words = sent.authorization().strip().split("\\s+", 2);
        boolean bearer = words[0].equalsIgnoreCase("bearer");
        if (words.length < 2 || !(bearer || words[0].equalsIgnoreCase("key"))) {
            throw unauthenticated("credentials of an unknown kind were sent" + HOW);
        }
        String token = bearer ? LoginTokens.key(words[1]) : null;
        String key = token == null ? words[1] : token;
        int colon = key.indexOf(':');
        if (colon < 0) {
            throw unauthenticated(
                    bearer
                            ? "the login token is none of this server; log in with 'mews login'"
                            : "the key is not of the form id:secret" + HOW);
        }
        return any(key.substring(0, colon), key.substring(colon + 1), sent);
    }

    /// @param sent whose `authorization` does not count
    Caller admin(String id, String secret, Sent sent) {
        return admin(any(id, secret, sent));
    }

    private Caller any(String id, String secret, Sent sent) {
        Caller caller = keys.authenticate(id, secret, sent.from());
        if (caller == null) {
            throw unauthenticated(
                    "key '%s' is unknown, revoked or over, or its secret is wrong".formatted(id)
                            + HOW);
        }
        return teams.actFor(caller, sent.userId());
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
