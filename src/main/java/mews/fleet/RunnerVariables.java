package mews.fleet;

import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.account.Keys;
import mews.model.Addresses;
import mews.model.AppName;
import mews.model.DataMounts;
import mews.model.Revision;

/// The environment variables of a runner. protocol: control 5.7, platform 10
final class RunnerVariables {
    /// Folders that libraries keep downloads in.
    static final Set<String> CACHES = caches("", DataMounts.ALL).keySet();

    private RunnerVariables() {}

    /// What the process itself is started with: nothing that `ps` must not show.
    ///
    /// @param binaries folders of executables, the most special first
    static Map<String, String> process(Workplace place, List<Path> binaries) {
        Map<String, String> variables = new LinkedHashMap<>();
        Stream<String> own = binaries.stream().map(Path::toString);
        Stream<String> system = Stream.of("/usr/local/bin", "/usr/bin", "/bin");
        variables.put("PATH", Stream.concat(own, system).collect(Collectors.joining(":")));
        variables.put("HOME", place.insideHome());
        variables.put("TMPDIR", place.insideTemporary());
        variables.put("LANG", "C.UTF-8");
        variables.put("PYTHONUNBUFFERED", "1");
        variables.put("MEWS_RUNNER_DIR", place.insideSockets());
        return variables;
    }

    /// What is set inside the process before the app is loaded. Secrets come last but for what
    /// would break the runner: a user may override a cache folder, not the runner's identity.
    static Map<String, String> app(
            Ground ground,
            UUID runner,
            Revision revision,
            Keys.NewKey key,
            String data,
            Map<String, String> secrets) {
        Map<String, String> variables =
                new LinkedHashMap<>(shared(ground, revision, data, Map.of()));
        variables.put("FAL_KEY", key.text());
        variables.put("FAL_KEY_ID", key.id());
        variables.put("FAL_KEY_SECRET", key.secret());
        variables.putAll(secrets);
        variables.putAll(identity(runner, revision));
        return variables;
    }

    /// The part of them that all runners of a revision have in common, and often others too. Code
    /// that is imported early may read them.
    static Map<String, String> shared(
            Ground ground, Revision revision, String data, Map<String, String> secrets) {
        Addresses addresses = ground.addresses().get();
        Map<String, String> variables = new LinkedHashMap<>(caches(data, revision.spec().mounts()));
        variables.putAll(Roots.variables(ground));
        variables.put("FAL_HOST", addresses.apiAuthority());
        variables.put("FAL_GRPC_HOST", addresses.apiAuthority());
        variables.put("FAL_REST_HOST", addresses.apiAuthority());
        variables.put("FAL_RUN_HOST", authority(addresses.run()));
        variables.put("FAL_QUEUE_RUN_HOST", authority(addresses.queue()));
        variables.put("FAL_WS_RUN_HOST", authority(addresses.ws()));
        String region = ground.region();
        if (region != null) {
            variables.put("FAL_REGION", region);
        }
        variables.put("IS_ISOLATE_AGENT", "1");
        variables.put("FAL_USER_NICKNAME", revision.app().owner());
        variables.putAll(secrets);
        return variables;
    }

    /// `host:port` of each family, without repetition.
    static List<String> authorities(Addresses addresses) {
        return Stream.of(addresses.api(), addresses.run(), addresses.queue(), addresses.ws())
                .map(RunnerVariables::authority)
                .distinct()
                .toList();
    }

    /// Value of `NO_PROXY`: the door is no place for the egress proxy to lead to.
    static String doorHosts(List<String> authorities) {
        return authorities.stream()
                .map(RunnerVariables::host)
                .distinct()
                .collect(Collectors.joining(","));
    }

    private static String host(String authority) {
        String host = authority.replaceFirst(":\\d+$", "");
        return host.replaceAll("[\\[\\]]", "").toLowerCase(Locale.ROOT);
    }

    /// What is not mounted cannot be written: then libraries keep to their own places in the home.
    private static Map<String, String> caches(String data, DataMounts mounts) {
        Map<String, String> folders =
                Map.of(
                        "HF_HOME", "/.cache/huggingface",
                        "TORCH_HOME", "/.cache/torch",
                        "XDG_CACHE_HOME", "/.cache",
                        "TRITON_CACHE_DIR", "/.cache/triton");
        return folders.entrySet().stream()
                .filter(each -> mounts.show(DataMounts.ROOT + each.getValue()))
                .collect(Collectors.toMap(Map.Entry::getKey, each -> data + each.getValue()));
    }

    private static Map<String, String> identity(UUID runner, Revision revision) {
        AppName app = revision.app();
        return Map.of(
                "IS_ISOLATE_AGENT", "1",
                "FAL_APP_NAME", app.alias(),
                "FAL_APP_ID", revision.id().toString(),
                "FAL_USER_NICKNAME", app.owner(),
                "FAL_JOB_ID", runner.toString());
    }

    private static String authority(String address) {
        String authority = URI.create(address).getRawAuthority();
        return authority == null ? address : authority;
    }
}
