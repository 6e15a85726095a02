package mews.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the process of a container image is to be started, the project's overrides applied. Source:
/// the image's OCI configuration.
///
/// @param digest of the image, `sha256:` and hex
/// @param environment the image's variables
/// @param entrypoint with `command`, the argument list of an app that is only an image
/// @param command arguments after the entry point
/// @param user as the image says: empty, a name, `uid` or `uid:gid`
/// @param workdir absolute
/// @param python absolute path inside the image of the `python` that is first on its PATH; null if
///   it has none
/// @param readOnly whether a runner may change nothing of the image's files
public record ContainerSettings(
        String digest,
        Map<String, String> environment,
        List<String> entrypoint,
        List<String> command,
        String user,
        String workdir,
        @Nullable String python,
        boolean readOnly) {
    public ContainerSettings {
        environment = Map.copyOf(environment);
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
    }
}
