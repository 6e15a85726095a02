package mews.fleet;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import mews.model.MachineType;
import mews.model.StopReason;
import mews.sandbox.SandboxProcess;
import org.jspecify.annotations.Nullable;

/// Why a runner ended, in one line for its owner.
final class Diagnosis {
    private static final int SIGNALLED = 128;

    /// What the sandbox puts before its own words when it could not get as far as the app.
    private static final String NEVER_BEGAN = "mews: ";

    private static final Map<Integer, String> SIGNALS =
            Map.of(
                    1, "SIGHUP",
                    2, "SIGINT",
                    4, "SIGILL",
                    6, "SIGABRT",
                    7, "SIGBUS",
                    8, "SIGFPE",
                    9, "SIGKILL",
                    11, "SIGSEGV",
                    15, "SIGTERM");

    /// How a process ends that was asked to, or was killed after its grace period.
    private static final Set<Integer> ENDED_BY_US = Set.of(0, SIGNALLED + 9, SIGNALLED + 15);

    private Diagnosis() {}

    /// @param cause what was known before the process ended, null if it ended by itself
    /// @param lastWords its last line, may be empty
    static StopReason of(
            @Nullable StopReason cause,
            SandboxProcess.Exit exit,
            boolean wasReady,
            MachineType machine,
            String lastWords) {
        // A broken call is often heard of before the end of the process that broke it.
        boolean brokeCall = cause != null && cause.code() == StopReason.Code.REQUEST_FAILED;
        boolean itsOwnDoing = cause == null || cause.startFailure() || brokeCall;
        if (exit.outOfMemory() && itsOwnDoing) {
            return outOfMemory(machine);
        }
        if (cause != null && !(brokeCall && !ENDED_BY_US.contains(exit.code()))) {
            return cause;
        }
        if (!wasReady && lastWords.startsWith(NEVER_BEGAN)) {
            return new StopReason(
                    StopReason.Code.SETUP_FAILED,
                    "it could not be started: " + lastWords.substring(NEVER_BEGAN.length()));
        }
        String detail =
                "the app %s %s%s"
                        .formatted(
                                how(exit.code()),
                                wasReady ? "while it was serving" : "before it was ready",
                                lastWords.isEmpty() ? "" : "; its last line was: " + lastWords);
        return new StopReason(StopReason.Code.EXITED, detail);
    }

    /// @param text what the runner said, without secrets
    static StopReason failed(String phase, String text, boolean wasReady) {
        String detail =
                switch (phase) {
                    case "setup" -> "setup() failed: " + text;
                    case "load" -> "the app could not be loaded: " + text;
                    default -> text;
                };
        return new StopReason(
                wasReady ? StopReason.Code.EXITED : StopReason.Code.SETUP_FAILED, detail);
    }

    static String endedServing(boolean raised) {
        return raised
                ? "the function raised an exception; its traceback is in the log"
                : "the function returned, but a function that serves must not";
    }

    /// @param elsewhere what listens instead, if that is known
    /// @param phase which it is still in
    static StopReason startupTimedOut(
            RunnerOrder order, Message.@Nullable Elsewhere elsewhere, @Nullable String phase) {
        long seconds = order.startup().toSeconds();
        Integer port = order.revision().spec().exposedPort();
        String detail =
                elsewhere == null || port == null
                        ? "not ready within startup_timeout (%d s), still in phase %s; do less in setup() or raise startup_timeout"
                                .formatted(seconds, phase)
                        : "nothing listened on exposed_port %d within startup_timeout (%d s), %s"
                                .formatted(port, seconds, whatListens(elsewhere.ports()));
        return new StopReason(StopReason.Code.STARTUP_TIMEOUT, detail);
    }

    private static String whatListens(List<Integer> ports) {
        return ports.isEmpty()
                ? "nor on any other port; have the app listen there, or raise startup_timeout"
                : "but something did on %s; have the app listen there, or change exposed_port"
                        .formatted(
                                ports.stream()
                                        .map(String::valueOf)
                                        .collect(Collectors.joining(", ")));
    }

    static StopReason outOfMemory(MachineType machine) {
        return new StopReason(
                StopReason.Code.OUT_OF_MEMORY,
                "the app was killed for using more memory than machine type '%s' allows (%s);"
                                .formatted(machine.name(), bytes(machine.memoryBytes()))
                        + " choose a larger machine_type or use less");
    }

    private static String how(int code) {
        int signal = code - SIGNALLED;
        return signal > 0
                ? "was killed by " + SIGNALS.getOrDefault(signal, "signal " + signal)
                : "ended with exit code " + code;
    }

    private static String bytes(long count) {
        return count >= 1_000_000_000L
                ? String.format(Locale.ROOT, "%.1f GB", count / 1e9)
                : String.format(Locale.ROOT, "%d MB", count / 1_000_000);
    }
}
