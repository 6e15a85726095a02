package mews.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.wire.proto.ListSecretsRequest;
import mews.wire.proto.Secret;
import mews.wire.proto.SetSecretRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
final class SecretsCommand {
    @Command(description = "Sets secrets that apps then find in their environment.")
    void set(
            @Mixin ServerOptions server,
            @Mixin EnvOption env,
            @Option(
                            names = "--not-exposed-by-default",
                            description = "Only apps that list the secret get it.")
                    boolean hidden,
            @Parameters(arity = "1..*", paramLabel = "NAME=VALUE") List<String> pairs)
            throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                // The text may be a value that lost its name, so it is not repeated.
                throw Failure.badInput(
                        "secret number %d is not of the form NAME=VALUE", values.size() + 1);
            }
            values.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        try (Connection connection = server.connect()) {
            values.forEach((name, value) -> {
                connection
                        .control()
                        .setSecret(
                                request(env, name)
                                        .setValue(value)
                                        .setDefaultExposed(!hidden)
                                        .build());
                Terminal.ofProcess().say("set " + name);
            });
        }
    }

    @Command(description = "Removes secrets.")
    void unset(
            @Mixin ServerOptions server,
            @Mixin EnvOption env,
            @Parameters(arity = "1..*", paramLabel = "NAME") List<String> names)
            throws IOException {
        try (Connection connection = server.connect()) {
            for (String name : names) {
                // protocol: control 2.7, no value removes it
                connection.control().setSecret(request(env, name).build());
                Terminal.ofProcess().say("unset " + name);
            }
        }
    }

    @Command(description = "Lists the names of secrets.")
    void list(@Mixin ServerOptions server, @Mixin EnvOption env, @Mixin OutputOptions output)
            throws IOException {
        ListSecretsRequest.Builder request = ListSecretsRequest.newBuilder();
        String environment = env.name();
        if (environment != null) {
            request.setEnvironmentName(environment);
        }
        try (Connection connection = server.connect()) {
            List<Map<String, Object>> json = new ArrayList<>();
            Table table = new Table("NAME", "ENV", "CREATED", "EXPOSED BY DEFAULT");
            for (Secret secret :
                    connection.control().listSecrets(request.build()).getSecretsList()) {
                String in = EnvOption.orMain(secret.getEnvironmentName());
                String created = Times.text(secret.getCreatedTime());
                String exposed =
                        !secret.hasDefaultExposed()
                                ? "account default"
                                : secret.getDefaultExposed() ? "yes" : "no";
                table.row(secret.getName(), in, created, exposed);
                json.add(
                        Map.of(
                                "name", secret.getName(),
                                "environment_name", in,
                                "created_at", created,
                                "default_exposed", exposed));
            }
            output.print(Map.of("secrets", json), table);
        }
    }

    @Command(
            name = "rotate-key",
            description =
                    "Makes a new key for the server's database and seals all secrets with it.")
    void rotateKey(@Mixin ServerOptions server) throws IOException {
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            int sealed = rest.json(rest.post("/v1/mews/sealing-key", null)).path("secrets").asInt();
            Terminal.ofProcess()
                    .say("a new key seals from now on; secrets sealed again: " + sealed);
        }
    }

    private static SetSecretRequest.Builder request(EnvOption env, String name) {
        SetSecretRequest.Builder request = SetSecretRequest.newBuilder().setName(name);
        String environment = env.name();
        return environment == null ? request : request.setEnvironmentName(environment);
    }
}
