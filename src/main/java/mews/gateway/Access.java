package mews.gateway;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import mews.account.CallTokens;
import mews.account.Keys;
import mews.account.LoginTokens;
import mews.account.Teams;
import mews.model.AuthMode;
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
    /// @param path of the request
    /// @param from the machine it came from
    record Sent(
            @Nullable String authorization,
            @Nullable String token,
            @Nullable String userId,
            String path,
            String from) {
        static Sent with(HttpServerRequest request) {
            SocketAddress remote = request.remoteAddress();
            String host = remote == null ? null : remote.hostAddress();
            return new Sent(
                    request.getHeader("authorization"),
                    request.getParam("fal_jwt_token"),
                    request.getHeader("x-fal-user-id"),
                    String.valueOf(request.path()),
                    host == null ? "runner" : host);
        }
    }

    private final Keys keys;
    private final Teams teams;
    private final CallTokens tokens;

    Access(Keys keys, Teams teams, CallTokens tokens) {
        this.keys = keys;
        this.teams = teams;
        this.tokens = tokens;
    }

    Answer check(Route route, Sent sent) {
        @Nullable String account;
        try {
            account = account(route, sent);
        } catch (Refusal refusal) {
            return refused(refusal);
        }
        if (account == null && route.alias().auth() != AuthMode.PUBLIC) {
            return denied(sent);
        }
        return mayCall(route, account == null ? "" : account);
    }

    /// Whoever has a key.
    Answer account(Sent sent) {
        try {
            Caller caller = caller(sent);
            return caller == null ? denied(sent) : new Answer.Granted(caller.account());
        } catch (Refusal refusal) {
            return refused(refusal);
        }
    }

    /// @param account that is known to be the caller's; empty for anyone
    static Answer mayCall(Route route, String account) {
        return switch (route.alias().auth()) {
            case PUBLIC, SHARED -> new Answer.Granted(account);
            case PRIVATE ->
                    account.equals(route.app().owner())
                            ? new Answer.Granted(account)
                            : new Answer.Denied(
                                    "Cannot access application \"%s\": it is private, and the key belongs to another account"
                                            .formatted(route.app()));
        };
    }

    /// @return null without a valid key or token
    private @Nullable String account(Route route, Sent sent) {
        String token = sent.token();
        if (sent.authorization() == null && token != null) {
            return tokens.check(token)
                    .filter(grant -> grant.allows(route.app(), sent.path()))
                    .map(CallTokens.Grant::account)
                    .orElse(null);
        }
        Caller caller = caller(sent);
        return caller == null ? null : caller.account();
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

    private static Answer refused(Refusal refusal) {
        return refusal.kind() == Refusal.Kind.EXHAUSTED
                ? new Answer.Slower(refusal.getMessage())
                : denied(refusal.getMessage());
    }

    private static Answer denied(String detail) {
        return new Answer.Denied(detail);
    }

    private static Answer denied(Sent sent) {
        String authorization = sent.authorization();
        if (authorization == null && sent.token() != null) {
            return new Answer.Denied(
                    "The token (fal_jwt_token) is none of this server's, is over, or was made for other apps; ask POST /tokens/ for another");
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
