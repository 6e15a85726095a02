package mews.cli;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command
final class UsersCommand {
    @Command(
            description = "Creates a user and prints its first key, which is shown only this once.")
    void create(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME", description = "Owner part of the URLs of its apps.")
                    String name,
            @Option(names = "--full-name", description = "As shown to people.")
                    @Nullable String fullName,
            @Mixin OutputOptions output)
            throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            JsonNode made =
                    rest.json(
                            rest.post(
                                    "/v1/mews/users",
                                    Map.of(
                                            "nickname",
                                            name,
                                            "full_name",
                                            fullName == null ? name : fullName)));
            output.print(made, made.path("key").asString());
        }
    }

    @Command(description = "Lists all users of the server.")
    void list(@Mixin ServerOptions server, @Mixin OutputOptions output) throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            JsonNode users = rest.json(rest.get("/v1/mews/users"));
            Table table = new Table("NAME", "FULL NAME", "USER ID");
            for (JsonNode user : users) {
                table.row(
                        user.path("nickname").asString(),
                        user.path("full_name").asString(),
                        user.path("user_id").asString());
            }
            output.print(Map.of("users", users), table);
        }
    }
}
