package mews.control;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import mews.model.MachineCatalog;
import mews.model.MachineKind;
import mews.model.MachineType;
import mews.model.Refusal;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.wire.proto.MachineRequirements;
import org.jspecify.annotations.Nullable;

/// Reads machine requirements; what is absent gets the defaults that clients assume. protocol:
/// control 2.6, 4.6
final class Machines {
    private static final String DEFAULT_TYPE = "XS";
    private static final int DEFAULT_CONCURRENCY = 2;
    private static final int LONGEST_GRACE = 3600;

    private final MachineCatalog catalog;
    private final @Nullable String region;

    /// @param region where this server runs; null serves any
    Machines(MachineCatalog catalog, @Nullable String region) {
        this.catalog = catalog;
        this.region = region;
    }

    /// In order of preference, each one on offer.
    @SuppressWarnings("deprecation") // Clients send both fields; the list counts when it is there.
    List<String> types(MachineRequirements asked) {
        List<String> types =
                asked.getMachineTypesCount() > 0
                        ? List.copyOf(asked.getMachineTypesList())
                        : List.of(asked.hasMachineType() ? asked.getMachineType() : DEFAULT_TYPE);
        known(types).forEach(type -> requireGpus(type, gpus(asked)));
        return types;
    }

    /// A device is nobody's to overcommit: what is not here never comes.
    private void requireGpus(String name, int asked) {
        int needed = catalog.find(name).map(type -> type.devices(asked)).orElse(0);
        if (needed > catalog.gpus()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "machine type '%s' needs %d GPUs for each runner; this server has %d (they are described to it by CDI specifications, see place.cdi_folders of mews.toml)"
                            .formatted(name, needed, catalog.gpus()));
        }
    }

    List<String> known(List<String> types) {
        for (String type : types) {
            if (catalog.find(type).isEmpty()) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "unknown machine type '%s'%s (on offer: %s)"
                                .formatted(
                                        type,
                                        Suggestion.text(type, catalog.names()),
                                        String.join(", ", catalog.names())));
            }
        }
        return types;
    }

    MachineType first(List<String> types) {
        return catalog.find(types.getFirst()).orElseThrow();
    }

    MachineKind kind(MachineRequirements asked) {
        return first(types(asked)).kind();
    }

    /// @throws Refusal if this server is in none of them
    List<String> regions(List<String> asked) {
        if (region != null && !asked.isEmpty() && !asked.contains(region)) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "nobody serves the regions %s; this server is in '%s'"
                            .formatted(asked, region));
        }
        return List.copyOf(asked);
    }

    static int gpus(MachineRequirements asked) {
        return asked.hasNumGpus() ? Words.within("num_gpus", asked.getNumGpus(), 0, 8) : 0;
    }

    static @Nullable Integer exposedPort(MachineRequirements asked) {
        return asked.hasExposedPort()
                ? Integer.valueOf(port("exposed_port", asked.getExposedPort()))
                : null;
    }

    static @Nullable Integer metricsPort(MachineRequirements asked) {
        return asked.hasMetricsPort()
                ? Integer.valueOf(port("metrics_port", asked.getMetricsPort()))
                : null;
    }

    static ScalePolicy scale(MachineRequirements asked, @Nullable Integer outerMax) {
        ScalePolicy standard = ScalePolicy.DEFAULT;
        int min = asked.hasMinConcurrency() ? asked.getMinConcurrency() : 0;
        int max =
                asked.hasMaxConcurrency()
                        ? asked.getMaxConcurrency()
                        : outerMax != null ? outerMax : Math.max(DEFAULT_CONCURRENCY, min);
        return inRange(() ->
                new ScalePolicy(
                        min,
                        max,
                        asked.hasMaxMultiplexing() ? asked.getMaxMultiplexing() : 1,
                        asked.getConcurrencyBuffer(),
                        asked.getConcurrencyBufferPerc(),
                        Duration.ofSeconds(asked.getScalingDelaySeconds()),
                        asked.hasKeepAlive()
                                ? Duration.ofSeconds(asked.getKeepAlive())
                                : standard.keepAlive()));
    }

    static Timeouts timeouts(MachineRequirements asked, @Nullable Integer grace) {
        Timeouts standard = Timeouts.DEFAULT;
        return new Timeouts(
                asked.hasRequestTimeout()
                        ? Words.seconds("request_timeout", asked.getRequestTimeout())
                        : standard.request(),
                asked.hasStartupTimeout()
                        ? Words.seconds("startup_timeout", asked.getStartupTimeout())
                        : standard.startup(),
                grace == null
                        ? standard.grace()
                        : Duration.ofSeconds(
                                Words.within(
                                        "termination_grace_period_seconds",
                                        grace,
                                        0,
                                        LONGEST_GRACE)),
                startTimeout(asked));
    }

    /// Zero stands for none, as when it is tuned.
    private static @Nullable Duration startTimeout(MachineRequirements asked) {
        Duration wanted = Words.seconds("request_start_timeout", asked.getRequestStartTimeout());
        return wanted.isZero() ? null : wanted;
    }

    private static int port(String name, int port) {
        return Words.within(name, port, 1, 65_535);
    }

    private static ScalePolicy inRange(Supplier<ScalePolicy> policy) {
        try {
            return policy.get();
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.Kind.INVALID, String.valueOf(e.getMessage()));
        }
    }
}
