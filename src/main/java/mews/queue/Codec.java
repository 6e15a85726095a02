package mews.queue;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import mews.base.Json;
import mews.base.Seal;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/// Structured columns to bytes and back. Headers are sealed: callers and apps put tokens in them.
final class Codec {
    private static final TypeReference<Map<String, String>> FLAT = new TypeReference<>() {};
    private static final TypeReference<Map<String, List<String>>> MULTI = new TypeReference<>() {};
    private static final TypeReference<Map<String, Integer>> COUNTS = new TypeReference<>() {};

    private final Seal seal;

    Codec(Seal seal) {
        this.seal = seal;
    }

    byte[] sealed(Map<String, ?> headers) {
        return seal.seal(Json.write(headers).getBytes(StandardCharsets.UTF_8));
    }

    Map<String, String> requestHeaders(byte[] sealed) {
        return Json.MAPPER.readValue(seal.open(sealed), FLAT);
    }

    Map<String, List<String>> resultHeaders(byte @Nullable [] sealed) {
        return sealed == null ? Map.of() : Json.MAPPER.readValue(seal.open(sealed), MULTI);
    }

    static @Nullable String retries(@Nullable Map<RetryCondition, Integer> retries) {
        return retries == null ? null : counts(retries);
    }

    static String counts(Map<RetryCondition, Integer> counts) {
        Map<String, Integer> named = new HashMap<>();
        counts.forEach((condition, count) -> named.put(name(condition), count));
        return Json.write(named);
    }

    static Map<RetryCondition, Integer> counts(String text) {
        Map<RetryCondition, Integer> counts = new EnumMap<>(RetryCondition.class);
        Json.MAPPER
                .readValue(text, COUNTS)
                .forEach((name, count) -> counts.put(condition(name), count));
        return counts;
    }

    /// @return `counts` with one more for `condition`
    static Map<RetryCondition, Integer> oneMore(
            Map<RetryCondition, Integer> counts, @Nullable RetryCondition condition) {
        Map<RetryCondition, Integer> more = new EnumMap<>(RetryCondition.class);
        more.putAll(counts);
        if (condition != null) {
            more.merge(condition, 1, Integer::sum);
        }
        return more;
    }

    private static String name(RetryCondition condition) {
        return condition.name().toLowerCase(Locale.ROOT);
    }

    private static RetryCondition condition(String name) {
        return RetryCondition.valueOf(name.toUpperCase(Locale.ROOT));
    }
}
