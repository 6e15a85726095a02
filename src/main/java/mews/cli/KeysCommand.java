package mews.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.wire.proto.CreateUserKeyRequest;
import mews.wire.proto.CreateUserKeyResponse;
import mews.wire.proto.ListUserKeysRequest;
import mews.wire.proto.RevokeUserKeyRequest;
import mews.wire.proto.UserKeyInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
final class KeysCommand {
    enum Scope {
        ADMIN,
        API
    }

    @Command(description = "Creates a key and prints it; it is shown only this once.")
    void create(
            @Mixin ServerOptions server,
            @Option(
                            names = "--scope",
                            defaultValue = "API",
                            description =
                                    "ADMIN also deploys and administers; API only calls (default: API).")
                    Scope scope,
            @Option(
                            names = {"--desc", "--alias"},
                            defaultValue = "",
                            paramLabel = "TEXT",
                            description = "What the key is for.")
                    String description,
            @Mixin OutputOptions output)
            throws IOException {
        try (Connection connection = server.connect()) {
            CreateUserKeyResponse made =
                    connection
                            .control()
                            .createUserKey(
                                    CreateUserKeyRequest.newBuilder()
                                            .setScope(
                                                    CreateUserKeyRequest.Scope.valueOf(
                                                            scope.name()))
                                            .setAlias(description)
                                            .build());
            String key = made.getKeyId() + ":" + made.getKeySecret();
            output.print(Map.of("key_id", made.getKeyId(), "key", key), key);
        }
    }

    @Command(description = "Lists keys, without their secrets.")
    void list(@Mixin ServerOptions server, @Mixin OutputOptions output) throws IOException {
        try (Connection connection = server.connect()) {
            List<Map<String, String>> json = new ArrayList<>();
            Table table = new Table("KEY ID", "SCOPE", "CREATED", "DESCRIPTION");
            for (UserKeyInfo key :
                    connection
                            .control()
                            .listUserKeys(ListUserKeysRequest.getDefaultInstance())
                            .getUserKeysList()) {
                String created = Times.text(key.getCreatedAt());
                table.row(key.getKeyId(), key.getScope(), created, key.getAlias());
                json.add(
                        Map.of(
                                "key_id", key.getKeyId(),
                                "scope", key.getScope().name(),
                                "created_at", created,
                                "alias", key.getAlias()));
            }
            output.print(Map.of("keys", json), table);
        }
    }

    @Command(description = "Revokes a key at once.")
    void revoke(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "KEY_ID", description = "As listed.") String id)
            throws IOException {
        try (Connection connection = server.connect()) {
            connection
                    .control()
                    .revokeUserKey(RevokeUserKeyRequest.newBuilder().setKeyId(id).build());
            Terminal.ofProcess().say("revoked " + id);
        }
    }
}
