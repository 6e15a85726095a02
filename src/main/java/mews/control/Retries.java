package mews.control;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import mews.base.Json;
import mews.model.Refusal;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// `retry_config`: a JSON object, condition to `{"retries": n}`. protocol: control 2.3
final class Retries {
    private Retries() {}

    static Map<RetryCondition, Integer> parse(@Nullable String json) {
        Map<RetryCondition, Integer> retries = new EnumMap<>(RetryCondition.class);
        if (json == null || json.isBlank()) {
            return retries;
        }
        for (Map.Entry<String, JsonNode> entry : tree(json).properties()) {
            JsonNode count = entry.getValue().path("retries");
            if (!count.isIntegralNumber()) {
                throw invalid("'%s' needs an integer 'retries'".formatted(entry.getKey()));
            }
            retries.put(condition(entry.getKey()), Math.max(0, count.intValue()));
        }
        return retries;
    }

    private static JsonNode tree(String json) {
        JsonNode tree;
        try {
            tree = Json.MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw invalid("it is not JSON");
        }
        if (!tree.isObject()) {
            throw invalid("it is not an object");
        }
        return tree;
    }

    private static RetryCondition condition(String name) {
        try {
            return RetryCondition.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw invalid(
                    "'%s' is not one of timeout, client_error, server_error, connection_error"
                            .formatted(name));
        }
    }

    private static Refusal invalid(String why) {
        return new Refusal(Refusal.Kind.INVALID, "retry_config cannot be used: " + why);
    }
}
