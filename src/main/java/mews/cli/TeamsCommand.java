package mews.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import mews.base.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command
final class TeamsCommand {
    @Command(description = "Creates a team, with you as its first admin.")
    void create(@Mixin ServerOptions server, @Mixin NewAccount account, @Mixin OutputOptions output)
            throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            JsonNode made = rest.json(rest.post("/v1/mews/teams", account.body()));
            output.print(made, made.path("user_id").asString());
        }
    }

    @Command(description = "Lists the accounts that you may act for with --team.")
    void list(@Mixin ServerOptions server, @Mixin OutputOptions output) throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            JsonNode teams = rest.json(rest.get("/users/teams"));
            Table table = new Table("NAME", "FULL NAME", "PERSONAL");
            for (JsonNode team : teams) {
                table.row(
                        team.path("nickname").asString(),
                        team.path("full_name").asString(),
                        team.path("is_personal").asBoolean() ? "yes" : "no");
            }
            output.print(Map.of("teams", teams), table);
        }
    }

    @Command(description = "Lists who is in a team.")
    void members(
            @Mixin ServerOptions server,
            @Parameters(index = "0", paramLabel = "TEAM") String team,
            @Mixin OutputOptions output)
            throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            JsonNode members = rest.json(rest.get(path(team)));
            Table table = new Table("USER", "ROLE");
            for (JsonNode member : members) {
                table.row(member.path("nickname").asString(), member.path("role").asString());
            }
            output.print(Map.of("members", members), table);
        }
    }

    @Command(description = "Admits a user to a team, or changes a member's role.")
    void add(
            @Mixin ServerOptions server,
            @Parameters(index = "0", paramLabel = "TEAM") String team,
            @Parameters(index = "1", paramLabel = "USER") String user,
            @Option(
                            names = "--role",
                            defaultValue = "developer",
                            description =
                                    "admin (also says who is in it), developer or billing (sees who is in it); default ${DEFAULT-VALUE}.")
                    String role)
            throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            byte[] body = Json.write(Map.of("role", role)).getBytes(StandardCharsets.UTF_8);
            JsonNode made =
                    rest.json(
                            rest.send(
                                    "PUT",
                                    path(team) + "/" + user,
                                    body,
                                    Map.of("Content-Type", Rest.JSON)));
            Terminal.ofProcess()
                    .say("%s is %s of %s".formatted(user, made.path("role").asString(), team));
        }
    }

    @Command(description = "Removes a user from a team; their keys of the team end at once.")
    void remove(
            @Mixin ServerOptions server,
            @Parameters(index = "0", paramLabel = "TEAM") String team,
            @Parameters(index = "1", paramLabel = "USER") String user)
            throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            rest.json(rest.send("DELETE", path(team) + "/" + user, null, Map.of()));
            Terminal.ofProcess().say("%s is out of %s".formatted(user, team));
        }
    }

    private static String path(String team) {
        return "/v1/mews/teams/" + team + "/members";
    }
}
