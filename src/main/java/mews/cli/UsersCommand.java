package mews.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

@Command
final class UsersCommand {
    @Command(
            description = "Creates a user and prints its first key, which is shown only this once.")
    void create(@Mixin ServerOptions server, @Mixin NewAccount account, @Mixin OutputOptions output)
            throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            JsonNode made = rest.json(rest.post("/v1/mews/users", account.body()));
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
