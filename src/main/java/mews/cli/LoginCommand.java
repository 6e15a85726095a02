package mews.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import mews.base.Env;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `fal auth login` leads to fal's website and cannot be led elsewhere. protocol: control 1.2
@Command
final class LoginCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "As another user; needs a key of the server's first account.")
    @Nullable String user;

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            JsonNode made =
                    rest.json(
                            rest.post(
                                    "/v1/mews/login",
                                    user == null ? Map.of() : Map.of("user", user)));
            LoginFile.write(made.path("access_token").asString());
            Terminal terminal = Terminal.ofProcess();
            terminal.say(
                    "fal's command line is logged in as '%s' until %s (%s)"
                            .formatted(
                                    made.path("nickname").asString(),
                                    made.path("expires_at").asString(),
                                    LoginFile.path()));
            if (Env.get("FAL_KEY") != null && !"1".equals(Env.get("FAL_FORCE_AUTH_BY_USER"))) {
                terminal.say(
                        "it prefers FAL_KEY, which is set; use the login with: eval \"$(mews env --login)\"");
            }
        }
        return 0;
    }
}
