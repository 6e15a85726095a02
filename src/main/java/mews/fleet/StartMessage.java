package mews.fleet;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.model.Callable;
import mews.model.RevisionSpec;
import org.jspecify.annotations.Nullable;

/// The first message to a runner: what to run, with which variables. It travels over the control
/// socket and not in the process environment, where anyone who lists processes would read secrets.
///
/// @param paths folders of the app's packages, the newest first
/// @param support folders of packages that decode what the runner is handed
/// @param workdir where the app starts
record StartMessage(
        RevisionSpec spec,
        Map<String, String> variables,
        List<String> paths,
        List<String> support,
        String workdir) {
    /// @param known whether the runner has decoded the callable already
    /// @param job whether the result of the function is wanted
    /// @param door addresses that lead to this server, to be answered inside the sandbox
    /// @param ownNetwork whether a listening port belongs to this runner alone
    /// @return one line of JSON
    String text(boolean known, boolean job, List<String> door, boolean ownNetwork) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("type", "start");
        message.putAll(callable(spec, known));
        message.put("env", variables);
        message.put("paths", paths);
        message.put("support", support);
        message.put("workdir", workdir);
        message.put("exposed_port", spec.exposedPort());
        message.put("metrics_port", spec.metricsPort());
        message.put("job", job);
        message.put("grace", spec.timeouts().grace().toSeconds());
        message.put("main_thread", null);
        message.put("door", door);
        message.put("own_network", ownNetwork);
        return Json.write(message);
    }

    /// The fields that carry the callable.
    static Map<String, @Nullable Object> callable(RevisionSpec spec) {
        return callable(spec, false);
    }

    private static Map<String, @Nullable Object> callable(RevisionSpec spec, boolean known) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        switch (spec.callable()) {
            case Callable.Pickled(String method, byte[] definition, byte @Nullable [] setup) ->
                    pickle(fields, method, known ? null : definition, setup);
            case Callable.Kept(String method, var definition, byte @Nullable [] setup) ->
                    pickle(fields, method, known ? null : definition.get(), setup);
            case Callable.EntryPoint(String target) -> {
                fields.put("kind", "entrypoint");
                fields.put("method", "cloudpickle");
                fields.put("entrypoint", target);
            }
            case Callable.OwnProcess() -> fields.put("kind", "beside");
        }
        return fields;
    }

    private static void pickle(
            Map<String, @Nullable Object> fields,
            String method,
            byte @Nullable [] definition,
            byte @Nullable [] setup) {
        fields.put("kind", "pickle");
        fields.put("method", method);
        if (definition != null) {
            fields.put("function", Base64.getEncoder().encodeToString(definition));
        }
        fields.put("setup", setup == null ? null : Base64.getEncoder().encodeToString(setup));
    }
}
