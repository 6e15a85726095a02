package mews.control;

import java.util.List;
import java.util.regex.Pattern;
import mews.model.AppFile;
import mews.model.Callable;
import mews.model.DataMounts;
import mews.model.EnvironmentSpec;
import mews.model.MachineCatalog;
import mews.model.Refusal;
import mews.model.RevisionSpec;
import mews.wire.proto.SecretsConfig;
import mews.wire.proto.SerializedObject;
import org.jspecify.annotations.Nullable;

/// Reads what a run or a registration asks for.
final class Specs {
    private static final Pattern MODULE = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");
    private static final Pattern ENTRY_POINT = Pattern.compile("[A-Za-z_][\\w.]*:[A-Za-z_][\\w.]*");

    private final Machines machines;

    Specs(MachineCatalog catalog, @Nullable String region) {
        this.machines = new Machines(catalog, region);
    }

    Machines machines() {
        return machines;
    }

    RevisionSpec read(Asked asked) {
        EnvironmentSpec environment = Environments.spec(asked.environments());
        Asked.Extras extras = asked.extras();
        List<AppFile> files = asked.appFiles();
        return new RevisionSpec(
                environment,
                callable(asked, environment),
                machines.types(asked.machines()),
                Machines.gpus(asked.machines()),
                machines.regions(asked.machines().getValidRegionsList()),
                Machines.exposedPort(asked.machines()),
                Machines.metricsPort(asked.machines()),
                asked.healthCheck(),
                Machines.scale(asked.machines(), extras.maxConcurrency()),
                Machines.timeouts(asked.machines(), extras.grace()),
                extras.skipRetryConditions(),
                extras.retries(),
                secrets(asked.secrets()),
                mounts(asked.dataMounts()),
                files,
                extras.privateLogs(),
                extras.metadata(),
                extras.sourceCode(),
                extras.snapshot());
    }

    /// What an account keeps is `/data`. protocol: platform 11
    private static List<String> mounts(List<String> asked) {
        for (String path : asked) {
            if (!DataMounts.accepts(path)) {
                throw invalid(
                        "data_mounts holds '%s', but what lasts is below /data; name /data or a folder in it, without '.' and '..'"
                                .formatted(path));
            }
        }
        if (asked.size() > DataMounts.MOST) {
            throw invalid(
                    "data_mounts names %d folders, at most %d are possible; name a folder that holds them"
                            .formatted(asked.size(), DataMounts.MOST));
        }
        return List.copyOf(asked);
    }

    private static Callable callable(Asked asked, EnvironmentSpec environment) {
        SerializedObject function = asked.function();
        if (function != null) {
            return pickled(function, asked.setup());
        }
        String entrypoint = asked.entrypoint();
        if (entrypoint != null) {
            if (!ENTRY_POINT.matcher(entrypoint).matches()) {
                throw invalid(
                        "entry point '%s' is not of the form 'module:symbol'"
                                .formatted(entrypoint));
            }
            return new Callable.EntryPoint(entrypoint);
        }
        if (environment.image().isEmpty()) {
            throw invalid("nothing to run: neither a function, an entry point nor an image");
        }
        return new Callable.OwnProcess();
    }

    private static Callable pickled(SerializedObject function, @Nullable SerializedObject setup) {
        String method = function.getMethod();
        if (!MODULE.matcher(method).matches()) {
            throw invalid("'%s' cannot name a serializer module".formatted(method));
        }
        if (setup != null && !setup.getMethod().equals(method)) {
            throw invalid(
                    "function and setup function are serialized differently: '%s' and '%s'"
                            .formatted(method, setup.getMethod()));
        }
        if (function.getDefinition().isEmpty()) {
            throw invalid("the function's serialized form is empty");
        }
        return new Callable.Pickled(
                method,
                function.getDefinition().toByteArray(),
                setup == null ? null : setup.getDefinition().toByteArray());
    }

    /// Present, even if empty, means exactly these. protocol: control 4.6
    private static @Nullable List<String> secrets(@Nullable SecretsConfig asked) {
        return asked == null ? null : List.copyOf(asked.getNamesList());
    }

    private static Refusal invalid(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }
}
