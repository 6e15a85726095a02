package mews.gateway;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import mews.base.Json;
import mews.model.Alias;
import mews.model.Refusal;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a caller asks of the platform by headers. protocol: data 6
///
/// @param startTimeout longest from now until a runner takes the request; null = none given
/// @param hint prefer a runner that reported it
/// @param lowPriority served only when nothing else waits
/// @param noRetry one attempt only
/// @param retries extra attempts per condition; null = as the app says
/// @param storePayload keep input and output
record CallOptions(
        @Nullable Duration startTimeout,
        @Nullable String hint,
        boolean lowPriority,
        boolean noRetry,
        @Nullable Map<RetryCondition, Integer> retries,
        boolean storePayload) {
    private static final double SHORTEST_SECONDS = 0.1;
    private static final double LONGEST_SECONDS = 30L * 24 * 3600;

    /// @throws Refusal if the timeout header is malformed
    static CallOptions of(MultiMap headers) {
        return new CallOptions(
                startTimeout(headers.get("x-fal-request-timeout")),
                headers.get("x-fal-runner-hint"),
                "low".equalsIgnoreCase(headers.get("x-fal-queue-priority")),
                truth(headers.get("x-fal-no-retry")),
                retries(headers.get("x-fal-retry-config")),
                !"0".equals(headers.get("x-fal-store-io")));
    }

    /// With what the app says where the caller does not: its start timeout, for its owner's own
    /// requests alone.
    ///
    /// @param caller account of the caller, empty for anyone
    CallOptions toApp(Alias alias, String caller) {
        return startTimeout != null || !caller.equals(alias.app().owner())
                ? this
                : new CallOptions(
                        alias.requestStartTimeout(),
                        hint,
                        lowPriority,
                        noRetry,
                        retries,
                        storePayload);
    }

    @Nullable Instant startDeadline(Instant now) {
        return startTimeout == null ? null : now.plus(startTimeout);
    }

    private static @Nullable Duration startTimeout(@Nullable String header) {
        if (header == null) {
            return null;
        }
        try {
            double seconds = Double.parseDouble(header.strip());
            if (seconds > SHORTEST_SECONDS && seconds <= LONGEST_SECONDS) {
                return Duration.ofMillis(Math.round(seconds * 1000));
            }
        } catch (NumberFormatException e) {
            // Told below, like a number out of range.
        }
        throw new Refusal(
                Refusal.Kind.INVALID,
                "X-Fal-Request-Timeout must be a number of seconds above %s and at most %d, was '%s'"
                        .formatted(SHORTEST_SECONDS, (long) LONGEST_SECONDS, header));
    }

    /// Malformed configurations are passed over, as the platform documents it.
    private static @Nullable Map<RetryCondition, Integer> retries(@Nullable String header) {
        if (header == null) {
            return null;
        }
        Map<RetryCondition, Integer> retries = new EnumMap<>(RetryCondition.class);
        try {
            JsonNode root = Json.MAPPER.readTree(header);
            root.properties()
                    .forEach(entry -> {
                        JsonNode extra = entry.getValue().path("retries");
                        RetryCondition condition = condition(entry.getKey());
                        if (condition != null && extra.isInt() && extra.intValue() >= 0) {
                            retries.put(condition, extra.intValue());
                        }
                    });
        } catch (JacksonException e) {
            return null;
        }
        return retries.isEmpty() ? null : retries;
    }

    private static @Nullable RetryCondition condition(String name) {
        for (RetryCondition condition : RetryCondition.values()) {
            if (condition != RetryCondition.CLIENT_ERROR
                    && condition.name().toLowerCase(Locale.ROOT).equals(name)) {
                return condition;
            }
        }
        return null;
    }

    private static boolean truth(@Nullable String value) {
        return value != null
                && (value.equals("1")
                        || value.equalsIgnoreCase("true")
                        || value.equalsIgnoreCase("yes"));
    }
}
