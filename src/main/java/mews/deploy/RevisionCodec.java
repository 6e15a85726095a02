package mews.deploy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.base.Seal;
import mews.model.AppFile;
import mews.model.Callable;
import mews.model.EnvironmentSpec;
import mews.model.HealthCheck;
import mews.model.RetryCondition;
import mews.model.RevisionSpec;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// How a revision lies in its row: settings and metadata in clear, the rest sealed, because an
/// index URL, a pickle or a source file may hold a token.
final class RevisionCodec {
    /// The parts of a `RevisionSpec` that anyone with the database may read.
    record Settings(
            List<String> machineTypes,
            int numGpus,
            List<String> regions,
            @Nullable Integer exposedPort,
            @Nullable Integer metricsPort,
            @Nullable HealthCheck healthCheck,
            ScalePolicy scale,
            Timeouts timeouts,
            List<RetryCondition> skipRetryConditions,
            Map<RetryCondition, Integer> retries,
            @Nullable List<String> secrets,
            List<String> dataMounts,
            List<AppFile> files,
            boolean privateLogs,
            @Nullable Boolean snapshot) {
        static Settings of(RevisionSpec spec) {
            return new Settings(
                    spec.machineTypes(),
                    spec.numGpus(),
                    spec.regions(),
                    spec.exposedPort(),
                    spec.metricsPort(),
                    spec.healthCheck(),
                    spec.scale(),
                    spec.timeouts(),
                    spec.skipRetryConditions(),
                    spec.retries(),
                    spec.secrets(),
                    spec.dataMounts(),
                    spec.files(),
                    spec.privateLogs(),
                    spec.snapshot());
        }

        RevisionSpec with(
                EnvironmentSpec environment,
                Callable callable,
                Map<String, Object> metadata,
                @Nullable String sourceCode) {
            return new RevisionSpec(
                    environment,
                    callable,
                    machineTypes,
                    numGpus,
                    regions,
                    exposedPort,
                    metricsPort,
                    healthCheck,
                    scale,
                    timeouts,
                    skipRetryConditions,
                    retries,
                    secrets,
                    dataMounts,
                    files,
                    privateLogs,
                    metadata,
                    sourceCode,
                    Boolean.TRUE.equals(snapshot));
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Callable.Pickled.class, name = "pickle"),
        @JsonSubTypes.Type(value = Callable.EntryPoint.class, name = "entry_point"),
        @JsonSubTypes.Type(value = Callable.OwnProcess.class, name = "own_process")
    })
    private interface CallableShape {}

    private static final JsonMapper MAPPER =
            Json.MAPPER.rebuild().addMixIn(Callable.class, CallableShape.class).build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final Seal seal;

    RevisionCodec(Seal seal) {
        this.seal = seal;
    }

    byte[] sealed(EnvironmentSpec environment) {
        return seal.seal(MAPPER.writeValueAsBytes(environment));
    }

    EnvironmentSpec environment(byte[] sealed) {
        return MAPPER.readValue(seal.open(sealed), EnvironmentSpec.class);
    }

    byte[] sealed(Callable callable) {
        Callable whole = callable instanceof Callable.Kept kept ? kept.whole() : callable;
        return seal.seal(MAPPER.writerFor(Callable.class).writeValueAsBytes(whole));
    }

    Callable callable(byte[] sealed) {
        return MAPPER.readValue(seal.open(sealed), Callable.class);
    }

    byte @Nullable [] sealed(@Nullable String text) {
        return text == null ? null : seal.seal(text.getBytes(StandardCharsets.UTF_8));
    }

    @Nullable String text(byte @Nullable [] sealed) {
        return sealed == null ? null : new String(seal.open(sealed), StandardCharsets.UTF_8);
    }

    static Settings settings(String json) {
        return MAPPER.readValue(json, Settings.class);
    }

    static Map<String, Object> metadata(String json) {
        return MAPPER.readValue(json, OBJECT);
    }
}
