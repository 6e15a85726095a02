package mews.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import mews.base.Home;
import mews.pki.Trust;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// protocol: control 1.1, 1.2; choices 1
@Command
final class EnvCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();

    @Option(
            names = "--plaintext",
            description =
                    "Without TLS: the control plane only (fal run, deploy, apps, …), of a server on this machine.")
    boolean plaintext;

    @Option(
            names = "--login",
            description = "With the login of 'mews login' instead of a key, so that --team works.")
    boolean login;

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            ServerAddress address = connection.server();
            String text = plaintext ? unprotected(address) : exports(connection.rest());
            Terminal.ofProcess()
                    .result(
                            text
                                    + (login
                                            ? "unset FAL_KEY\nexport FAL_FORCE_AUTH_BY_USER=1"
                                            : key(address).stripTrailing()));
        }
        return 0;
    }

    private static String exports(Rest rest) throws IOException {
        JsonNode told = rest.json(rest.get("/v1/mews/addresses"));
        String authority = told.path("authority").asString("");
        Path bundle = null;
        if (!authority.isEmpty()) {
            bundle = Home.ofEnvironment().authority().resolve("bundle.pem");
            Trust.bundle(bundle, ClientTrust.given(), authority);
        }
        return secure(told, bundle);
    }

    /// @param told the server's own word on its addresses
    /// @param bundle roots of the system and the server's; null: the system's do
    static String secure(JsonNode told, @Nullable Path bundle) {
        String api = authority(told.path("api").asString());
        StringBuilder text = new StringBuilder("unset ISOLATE_TEST_MODE\n");
        text.append(export("FAL_GRPC_HOST", api))
                .append(export("FAL_HOST", api))
                .append(export("FAL_REST_HOST", api.replaceFirst("^api\\.", "rest.")))
                .append(export("FAL_RUN_HOST", authority(told.path("run").asString())))
                .append(export("FAL_QUEUE_RUN_HOST", authority(told.path("queue").asString())))
                .append(export("FAL_WS_RUN_HOST", authority(told.path("ws").asString())));
        if (bundle != null) {
            text.append("# The roots of this system and those of the server.\n");
            for (String name :
                    new String[] {
                        "SSL_CERT_FILE",
                        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                        "REQUESTS_CA_BUNDLE",
                        "CURL_CA_BUNDLE",
                        "NODE_EXTRA_CA_CERTS"
                    }) {
                text.append(export(name, bundle.toString()));
            }
        }
        return text.toString();
    }

    static String unprotected(ServerAddress server) {
        String api = server.api().getAuthority();
        return """
        # Calls and uploads of fal's clients (fal_client, AppClient) always speak TLS: without --plaintext they work too.
        export ISOLATE_TEST_MODE=1
        """
                + export("FAL_GRPC_HOST", api)
                + export("FAL_HOST", api)
                + export("FAL_REST_HOST", api)
                + export("FAL_RUN_HOST", authority(server.addresses().run()))
                + export("FAL_QUEUE_RUN_HOST", authority(server.addresses().queue()))
                + export("FAL_WS_RUN_HOST", authority(server.addresses().ws()));
    }

    static String key(ServerAddress server) {
        String key = server.key();
        return key == null ? "" : export("FAL_KEY", key);
    }

    private static String authority(String url) {
        return url.substring(url.indexOf("://") + 3);
    }

    private static String export(String name, String value) {
        return "export %s='%s'%n".formatted(name, value.replace("'", "'\\''"));
    }
}
