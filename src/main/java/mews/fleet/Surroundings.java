package mews.fleet;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// What the code of a runner finds around it, for commands that join it. Holds its secrets.
///
/// @param workdir where the app was started
record Surroundings(Map<String, String> variables, String workdir) {
    private static final String TERMINAL = "xterm-256color";

    /// @param message what the runner was told, which may know more than its environment
    static Surroundings of(SandboxSpec process, StartMessage message, boolean image) {
        Map<String, String> variables = new HashMap<>(process.environment());
        variables.putAll(message.variables());
        if (image) {
            return new Surroundings(variables, process.workdir());
        }
        // So that a Python in there imports what the app imports.
        variables.put(
                "PYTHONPATH",
                Stream.concat(message.paths().stream(), message.support().stream())
                        .collect(Collectors.joining(":")));
        return new Surroundings(variables, message.workdir());
    }

    Map<String, String> forTerminal(RunnerShell.@Nullable Size terminal) {
        Map<String, String> all = new HashMap<>(variables);
        if (terminal != null) {
            all.put("TERM", TERMINAL);
        }
        return all;
    }
}
