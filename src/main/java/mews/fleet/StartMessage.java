package mews.fleet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.model.Callable;
import mews.model.Refusal;
import mews.model.RevisionSpec;
import org.jspecify.annotations.Nullable;

/// The first message to a runner: what to run, with which variables. It travels over the control
/// socket and not in the process environment, where anyone who lists processes would read secrets.
///
/// @param layers site-packages of the app's environment, the newest first
/// @param support site-packages that decode what the runner is handed
/// @param door addresses that lead to this server, to be answered inside the sandbox
/// @param ownNetwork whether a listening port belongs to this runner alone
record StartMessage(
        RevisionSpec spec,
        Map<String, String> variables,
        List<Path> layers,
        Path support,
        Workplace place,
        boolean job,
        List<String> door,
        boolean ownNetwork) {
    /// @return one line of JSON
    String text() {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("type", "start");
        message.putAll(callable());
        message.put("env", variables);
        message.put("paths", paths());
        message.put("support", List.of(support.toString()));
        message.put("workdir", spec.files().isEmpty() ? place.insideHome() : place.insideApp());
        message.put("exposed_port", spec.exposedPort());
        message.put("metrics_port", spec.metricsPort());
        message.put("job", job);
        message.put("grace", spec.timeouts().grace().toSeconds());
        message.put("main_thread", null);
        message.put("door", door);
        message.put("own_network", ownNetwork);
        return Json.write(message);
    }

    private Map<String, @Nullable Object> callable() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        switch (spec.callable()) {
            case Callable.Pickled(String method, byte[] definition, byte @Nullable [] setup) -> {
                fields.put("kind", "pickle");
                fields.put("method", method);
                fields.put("function", Base64.getEncoder().encodeToString(definition));
                fields.put(
                        "setup", setup == null ? null : Base64.getEncoder().encodeToString(setup));
            }
            case Callable.EntryPoint(String target) -> {
                fields.put("kind", "entrypoint");
                fields.put("method", "cloudpickle");
                fields.put("entrypoint", target);
            }
            case Callable.OwnProcess() ->
                    throw new Refusal(
                            Refusal.Kind.UNSUPPORTED,
                            "an app that is only an image cannot run on this server yet; give it a"
                                    + " ref or a python_entry_point");
        }
        return fields;
    }

    private List<String> paths() {
        List<String> paths = new ArrayList<>();
        layers.forEach(layer -> paths.add(layer.toString()));
        if (!place.apart() && !spec.files().isEmpty()) {
            // The app's own code looks for its files in /app, which this sandbox cannot give.
            paths.add(place.insideApp());
        }
        return paths;
    }
}
