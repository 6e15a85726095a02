package mews.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// protocol: control 1.1, 1.2
@Command
final class EnvCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            Terminal.ofProcess().result(exports(connection.server()));
        }
        return 0;
    }

    static String exports(ServerAddress server) {
        String api = server.api().getAuthority();
        StringBuilder text = new StringBuilder();
        if (server.plaintext()) {
            text.append(
                    """
                    # Without TLS, which a later version of Mews brings, fal's clients reach the control plane (fal run, deploy,
                    # apps, …) of a server on this machine only. Their data plane (fal_client, AppClient, uploads) always
                    # speaks TLS: call apps with 'mews call' or any HTTP client meanwhile.
                    export ISOLATE_TEST_MODE=1
                    """);
        }
        text.append(export("FAL_GRPC_HOST", api))
                .append(export("FAL_HOST", api))
                .append(export("FAL_REST_HOST", api))
                .append(export("FAL_RUN_HOST", authority(server.addresses().run())))
                .append(export("FAL_QUEUE_RUN_HOST", authority(server.addresses().queue())));
        String key = server.key();
        if (key != null) {
            text.append(export("FAL_KEY", key));
        }
        return text.toString().stripTrailing();
    }

    private static String authority(String url) {
        return url.substring(url.indexOf("://") + 3);
    }

    private static String export(String name, String value) {
        return "export %s='%s'%n".formatted(name, value.replace("'", "'\\''"));
    }
}
