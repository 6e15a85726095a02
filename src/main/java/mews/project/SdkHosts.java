package mews.project;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import mews.model.Addresses;

/// Where the SDK is told its server is. It copies these names into every app that it pickles, so
/// they must be the server's own. protocol: control 1.1, 5.1
///
/// @param control `host:port` of gRPC and REST
/// @param plain whether the server speaks without TLS
public record SdkHosts(String control, String run, String queue, String ws, boolean plain) {
    public static SdkHosts of(Addresses addresses) {
        return new SdkHosts(
                addresses.apiAuthority(),
                authority(addresses.run()),
                authority(addresses.queue()),
                authority(addresses.ws()),
                !addresses.api().startsWith("https:"));
    }

    Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>();
        variables.put("FAL_HOST", control);
        variables.put("FAL_GRPC_HOST", control);
        variables.put("FAL_REST_HOST", control);
        variables.put("FAL_RUN_HOST", run);
        variables.put("FAL_QUEUE_RUN_HOST", queue);
        variables.put("FAL_WS_RUN_HOST", ws);
        if (plain) {
            variables.put("ISOLATE_TEST_MODE", "1");
        }
        return variables;
    }

    private static String authority(String url) {
        String authority = URI.create(url).getAuthority();
        return authority == null ? url : authority;
    }
}
