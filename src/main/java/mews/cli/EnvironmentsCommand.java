package mews.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.wire.proto.CreateEnvironmentRequest;
import mews.wire.proto.DeleteEnvironmentRequest;
import mews.wire.proto.EnvironmentInfo;
import mews.wire.proto.ListEnvironmentsRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
final class EnvironmentsCommand {
    @Command(description = "Lists environments.")
    void list(@Mixin ServerOptions server, @Mixin OutputOptions output) throws IOException {
        try (Connection connection = server.connect()) {
            List<Map<String, Object>> json = new ArrayList<>();
            Table table = new Table("NAME", "DEFAULT", "CREATED", "DESCRIPTION");
            for (EnvironmentInfo environment :
                    connection
                            .control()
                            .listEnvironments(ListEnvironmentsRequest.getDefaultInstance())
                            .getEnvironmentsList()) {
                String created = Times.text(environment.getCreatedAt());
                table.row(
                        environment.getName(),
                        environment.getIsDefault() ? "yes" : "",
                        created,
                        environment.getDescription());
                json.add(
                        Map.of(
                                "name", environment.getName(),
                                "is_default", environment.getIsDefault(),
                                "created_at", created,
                                "description", environment.getDescription()));
            }
            output.print(Map.of("environments", json), table);
        }
    }

    @Command(description = "Creates an environment.")
    void create(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--description", defaultValue = "", paramLabel = "TEXT")
                    String description)
            throws IOException {
        CreateEnvironmentRequest.Builder request =
                CreateEnvironmentRequest.newBuilder().setName(name);
        if (!description.isEmpty()) {
            request.setDescription(description);
        }
        try (Connection connection = server.connect()) {
            connection.control().createEnvironment(request.build());
            Terminal.ofProcess().say("created " + name);
        }
    }

    @Command(description = "Deletes an environment that has no apps.")
    void delete(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name)
            throws IOException {
        try (Connection connection = server.connect()) {
            connection
                    .control()
                    .deleteEnvironment(DeleteEnvironmentRequest.newBuilder().setName(name).build());
            Terminal.ofProcess().say("deleted " + name);
        }
    }
}
