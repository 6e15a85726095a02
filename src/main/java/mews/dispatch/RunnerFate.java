package mews.dispatch;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What an answer of the app means for the runner that gave it. Pure. protocol: platform 4, data 6
///
/// @param stop it takes nothing new and goes
/// @param suspect whether its port still accepts must be looked at
/// @param check its app asks for a health check
record RunnerFate(boolean stop, boolean suspect, boolean check) {
    static final RunnerFate KEEP = new RunnerFate(false, false, false);
    static final RunnerFate STOP = new RunnerFate(true, false, false);

    static RunnerFate of(int status, Function<String, @Nullable String> headers) {
        String asked = headers.apply(AppHeaders.STOP_RUNNER);
        boolean stop = asked == null ? status == 503 : AppHeaders.truthy(asked);
        boolean suspect = !stop && (status == 500 || status == 502 || status == 504);
        String check = headers.apply(AppHeaders.HEALTH_CHECK);
        return new RunnerFate(stop, suspect, check != null && asksForCheck(check));
    }

    /// Any value that does not say no.
    private static boolean asksForCheck(String value) {
        return !value.isBlank() && !value.equals("0") && !value.equalsIgnoreCase("false");
    }
}
