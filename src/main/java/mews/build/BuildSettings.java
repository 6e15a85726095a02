package mews.build;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `[builds]` in `mews.toml` says about managed environments.
///
/// @param stall how long a server may send nothing before it is given up; null: pip's own setting,
///   else `STALL`
/// @param torchBackend build of torch for GPU machine types, such as `cu126`; null: by the driver
///   of this host
/// @param torchIndex where builds of torch are, with `{backend}` in it; null: torch's own
public record BuildSettings(
        @Nullable Duration stall, @Nullable String torchBackend, @Nullable String torchIndex) {
    /// Nothing said.
    public static final BuildSettings NONE = new BuildSettings(null, null, null);

    static final Duration STALL = Duration.ofSeconds(30);
    private static final String TIMEOUT = "UV_HTTP_TIMEOUT";

    /// @param configured uv's variables as the host has them
    Duration stall(Map<String, String> configured) {
        if (stall != null) {
            return stall;
        }
        String timeout = configured.getOrDefault(TIMEOUT, "");
        return timeout.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(timeout)) : STALL;
    }
}
