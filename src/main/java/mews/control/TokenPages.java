package mews.control;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.account.CallTokens;
import mews.control.Router.Access;
import mews.model.Refusal;
import tools.jackson.databind.JsonNode;

/// Tokens to call apps with from where a key must not be. protocol: control 3.6, data 11.2
final class TokenPages {
    private static final int MOST_APPS = 100;
    private static final long USUAL_SECONDS = 120;

    private final CallTokens tokens;

    TokenPages(CallTokens tokens) {
        this.tokens = tokens;
    }

    void routes(Router router) {
        router.on(
                        "POST",
                        "/tokens",
                        Access.KEY,
                        exchange -> exchange.json(200, token(exchange, "token_expiration")))
                .on(
                        "POST",
                        "/tokens/realtime",
                        Access.KEY,
                        exchange ->
                                exchange.json(200, Map.of("token", token(exchange, "duration"))));
    }

    private String token(Exchange exchange, String lifetime) throws IOException {
        JsonNode asked = exchange.json();
        return tokens.issue(
                exchange.caller().account(),
                apps(asked.path("allowed_apps")),
                lifetime(asked.path(lifetime), lifetime));
    }

    private static List<String> apps(JsonNode asked) {
        List<String> apps = new ArrayList<>();
        asked.forEach(app -> apps.add(app.isString() ? app.asString() : ""));
        if (!asked.isArray() || apps.isEmpty() || apps.size() > MOST_APPS || apps.contains("")) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "allowed_apps must be a list of 1 to %d names such as 'hello' or 'local/hello'"
                            .formatted(MOST_APPS));
        }
        return apps;
    }

    private static Duration lifetime(JsonNode asked, String name) {
        long longest = CallTokens.LONGEST.toSeconds();
        if (asked.isMissingNode() || asked.isNull()) {
            return Duration.ofSeconds(USUAL_SECONDS);
        }
        if (!asked.isNumber() || !(asked.asDouble() >= 1) || asked.asDouble() > longest) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "%s must be a number of seconds from 1 to %d, got %s"
                            .formatted(name, longest, asked));
        }
        return Duration.ofSeconds((long) asked.asDouble());
    }
}
