package mews.deploy;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import mews.model.Refusal;
import mews.model.RevisionSpec;
import mews.model.ScalePolicy;
import org.jspecify.annotations.Nullable;

/// What an alias runs with. Pure. protocol: platform 2.3
record Settings(
        ScalePolicy scale,
        Duration requestTimeout,
        Duration startupTimeout,
        @Nullable Duration requestStartTimeout,
        List<String> machineTypes,
        List<String> regions) {
    static Settings of(RevisionSpec spec) {
        return new Settings(
                spec.scale(),
                spec.timeouts().request(),
                spec.timeouts().startup(),
                spec.timeouts().requestStart(),
                spec.machineTypes(),
                spec.regions());
    }

    /// Keeps what owners tune and takes from `spec` what belongs to the code: multiplexing, startup
    /// timeout and machine types.
    Settings inheritedBy(RevisionSpec spec) {
        ScalePolicy kept =
                new ScalePolicy(
                        scale.minConcurrency(),
                        scale.maxConcurrency(),
                        spec.scale().maxMultiplexing(),
                        scale.concurrencyBuffer(),
                        scale.concurrencyBufferPerc(),
                        scale.scalingDelay(),
                        scale.keepAlive());
        return new Settings(
                kept,
                requestTimeout,
                spec.timeouts().startup(),
                requestStartTimeout,
                spec.machineTypes(),
                regions);
    }

    Settings tuned(Aliases.Tuning by) {
        return new Settings(
                inRange(() -> policy(by)),
                timeout("request_timeout", or(by.requestTimeout(), requestTimeout)),
                timeout("startup_timeout", or(by.startupTimeout(), startupTimeout)),
                startTimeout(by.requestStartTimeout()),
                by.machineTypes().isEmpty() ? machineTypes : List.copyOf(by.machineTypes()),
                by.regions().isEmpty() ? regions : List.copyOf(by.regions()));
    }

    private @Nullable Duration startTimeout(@Nullable Duration wanted) {
        if (wanted == null) {
            return requestStartTimeout;
        }
        return wanted.isZero() ? null : timeout("request_start_timeout", wanted);
    }

    private ScalePolicy policy(Aliases.Tuning by) {
        return new ScalePolicy(
                or(by.minConcurrency(), scale.minConcurrency()),
                or(by.maxConcurrency(), scale.maxConcurrency()),
                or(by.maxMultiplexing(), scale.maxMultiplexing()),
                or(by.concurrencyBuffer(), scale.concurrencyBuffer()),
                or(by.concurrencyBufferPerc(), scale.concurrencyBufferPerc()),
                or(by.scalingDelay(), scale.scalingDelay()),
                or(by.keepAlive(), scale.keepAlive()));
    }

    private static <T> T or(@Nullable T wanted, T kept) {
        return wanted == null ? kept : wanted;
    }

    private static Duration timeout(String name, Duration value) {
        if (value.isNegative()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "%s must be 0 or more seconds, was %d".formatted(name, value.toSeconds()));
        }
        return value;
    }

    private static ScalePolicy inRange(Supplier<ScalePolicy> policy) {
        try {
            return policy.get();
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.Kind.INVALID, String.valueOf(e.getMessage()));
        }
    }
}
