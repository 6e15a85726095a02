package mews.gateway;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import mews.account.Keys;
import mews.account.LoginTokens;
import mews.account.Teams;
import mews.model.Caller;
import mews.model.Refusal;
import mews.model.Route;
import org.jspecify.annotations.Nullable;

/// Who may call. Reads memory only. protocol: data 3, platform 8
final class Access {
    /// The answer to one call.
    sealed interface Answer {
        /// @param caller account of the caller, empty for anyone
        record Granted(String caller) implements Answer {}

        record Denied(String detail) implements Answer {}

        /// Too many wrong secrets.
        record Slower(String detail) implements Answer {}
    }

    /// What came with a call.
    ///
    /// @param authorization the header, or null
    /// @param token `fal_jwt_token` of the query, or null
    /// @param userId of the account to act for, or null
    /// @param from the machine it came from
    record Sent(
            @Nullable String authorization,
            @Nullable String token,
            @Nullable String userId,
            String from) {
        static Sent with(HttpServerRequest request) {
            SocketAddress remote = request.remoteAddress();
            String host = remote == null ? null : remote.hostAddress();
            return new Sent(
                    request.getHeader("authorization"),
                    request.getParam("fal_jwt_token"),
                    request.getHeader("x-fal-user-id"),
                    host == null ? "runner" : host);
        }
    }

    private final Keys keys;
    private final Teams teams;

    Access(Keys keys, Teams teams) {
        this.keys = keys;
        this.teams = teams;
    }

    Answer check(Route route, Sent sent) {
        @Nullable String authorization = sent.authorization();
        @Nullable String token = sent.token();
        Caller caller;
        try {
            caller = caller(sent);
        } catch (Refusal refusal) {
            return refusal.kind() == Refusal.Kind.EXHAUSTED
                    ? new Answer.Slower(String.valueOf(refusal.getMessage()))
                    : denied(String.valueOf(refusal.getMessage()));
        }
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
    /// @throws Refusal if it is not to be tried again so soon, or may not act for that account
    private @Nullable Caller caller(Sent sent) {
        String key = key(sent.authorization());
        int colon = key == null ? -1 : key.indexOf(':');
        if (key == null || colon < 1) {
            return null;
        }
        Caller caller =
                keys.authenticate(key.substring(0, colon), key.substring(colon + 1), sent.from());
        return caller == null ? null : teams.actFor(caller, sent.userId());
    }

    private static @Nullable String key(@Nullable String authorization) {
        if (authorization == null) {
            return null;
        }
        int space = authorization.indexOf(' ');
        String scheme = space < 0 ? "" : authorization.substring(0, space);
        String value = authorization.substring(space + 1).strip();
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "key" -> value;
            case "basic" -> decoded(value);
            case "bearer" -> LoginTokens.key(value);
            default -> null;
        };
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static Answer denied(String detail) {
        return new Answer.Denied(detail);
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
                        ? "The login token is unknown, revoked or over; log in again, or send the header Authorization: Key <id>:<secret>"
                        : "Invalid key credentials");
    }
}
