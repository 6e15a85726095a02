package mews.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import mews.account.Keys;
import mews.model.Caller;
import mews.model.Route;
import org.jspecify.annotations.Nullable;

/// Who may call. Reads memory only. protocol: data 3, platform 8
final class Access {
    /// The answer to one call.
    sealed interface Answer {
        /// @param caller account of the caller, empty for anyone
        record Granted(String caller) implements Answer {}

        record Denied(String detail) implements Answer {}
    }

    private final Keys keys;

    Access(Keys keys) {
        this.keys = keys;
    }

    /// @param authorization the header, or null
    /// @param token `fal_jwt_token` of the query, or null
    Answer check(Route route, @Nullable String authorization, @Nullable String token) {
        Caller caller = caller(authorization);
        return switch (route.alias().auth()) {
            case PUBLIC -> new Answer.Granted(caller == null ? "" : caller.account());
            case SHARED ->
                    caller == null
                            ? denied(authorization, token)
                            : new Answer.Granted(caller.account());
            case PRIVATE -> {
                if (caller == null) {
                    yield denied(authorization, token);
                }
                yield caller.account().equals(route.app().owner())
                        ? new Answer.Granted(caller.account())
                        : new Answer.Denied(
                                "Cannot access application \"%s\": it is private, and the key belongs to another account"
                                        .formatted(route.app()));
            }
        };
    }

    /// @return null without a valid key
    @Nullable Caller caller(@Nullable String authorization) {
        if (authorization == null) {
            return null;
        }
        int space = authorization.indexOf(' ');
        String scheme = space < 0 ? "" : authorization.substring(0, space);
        String value = authorization.substring(space + 1).strip();
        if (scheme.equalsIgnoreCase("Basic")) {
            value = decoded(value);
        } else if (!scheme.equalsIgnoreCase("Key")) {
            return null;
        }
        int colon = value.indexOf(':');
        return colon < 1
                ? null
                : keys.authenticate(value.substring(0, colon), value.substring(colon + 1));
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static Answer denied(@Nullable String authorization, @Nullable String token) {
        if (token != null) {
            return new Answer.Denied(
                    "Short-lived tokens (fal_jwt_token) are not accepted by this server yet; send the header Authorization: Key <id>:<secret>");
        }
        if (authorization == null) {
            return new Answer.Denied(
                    "Authentication is required: send the header Authorization: Key <id>:<secret>");
        }
        return new Answer.Denied(
                authorization.startsWith("Bearer ")
                        ? "Login tokens are not accepted by this server yet; send the header Authorization: Key <id>:<secret>"
                        : "Invalid key credentials");
    }
}
