package mews.server;

import java.time.Duration;
import mews.build.BuildSettings;

/// Reads `[builds]` of `mews.toml`.
final class BuildsSection {
    private BuildsSection() {}

    static BuildSettings read(Section section) {
        int stall = section.integer("stall_seconds", 0, 1, 3600);
        String backend = section.string("torch_backend", "");
        if (!backend.matches("|cpu|cu\\d{2,3}|rocm\\d+(\\.\\d+){1,2}")) {
            section.problem(
                    "torch_backend",
                    "builds.torch_backend must be a build of torch, such as 'cu126' or 'cpu', got '%s'"
                            .formatted(backend));
        }
        String index = section.string("torch_index", "");
        if (!index.isEmpty() && !index.matches("https?://[^/\\s]+/\\S*")) {
            // Not repeated: it may hold a password.
            section.problem(
                    "torch_index",
                    "builds.torch_index must be a URL such as 'https://mirror.example/whl/{backend}'");
        }
        section.refuseUnknown();
        return new BuildSettings(
                stall == 0 ? null : Duration.ofSeconds(stall),
                backend.isEmpty() ? null : backend,
                index.isEmpty() ? null : index);
    }
}
