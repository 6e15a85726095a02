package mews.cli;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import mews.wire.proto.IsolateControllerGrpc;
import mews.wire.proto.IsolateControllerGrpc.IsolateControllerBlockingStub;
import mews.wire.proto.IsolateControllerGrpc.IsolateControllerStub;
import tools.jackson.databind.JsonNode;

/// Both ways to one server: fal's gRPC and its REST, with the caller's key on each call.
final class Connection implements AutoCloseable {
    private final ServerAddress server;
    private final Rest rest;
    private final ManagedChannel channel;

    private Connection(ServerAddress server, ManagedChannel channel) {
        this.server = server;
        this.channel = channel;
        this.rest = new Rest(server);
    }

    /// Connects at the first call, not here.
    static Connection to(ServerAddress server) throws IOException {
        OkHttpChannelBuilder builder =
                OkHttpChannelBuilder.forAddress(server.api().getHost(), server.port())
                        // protocol: control 1.4
                        .maxInboundMessageSize(Integer.MAX_VALUE)
                        .keepAliveTime(30, TimeUnit.SECONDS)
                        .intercept(credentials(server))
                        .directExecutor();
        if (server.plaintext()) {
            builder.usePlaintext();
        } else {
            builder.sslSocketFactory(ClientTrust.sockets());
        }
        return new Connection(server, builder.build());
    }

    // protocol: control 1.3
    private static ClientInterceptor credentials(ServerAddress server) {
        Metadata metadata = new Metadata();
        if (server.key() != null) {
            metadata.put(name("auth-key-id"), server.keyId());
            metadata.put(name("auth-key"), server.keySecret());
        }
        String userId = server.userId();
        if (userId != null) {
            metadata.put(name("fal-user-id"), userId);
        }
        return MetadataUtils.newAttachHeadersInterceptor(metadata);
    }

    private static Metadata.Key<String> name(String text) {
        return Metadata.Key.of(text, Metadata.ASCII_STRING_MARSHALLER);
    }

    ServerAddress server() {
        return server;
    }

    Rest rest() {
        return rest;
    }

    IsolateControllerBlockingStub control() {
        return IsolateControllerGrpc.newBlockingStub(channel);
    }

    IsolateControllerStub controlAsync() {
        return IsolateControllerGrpc.newStub(channel);
    }

    /// The same server on behalf of a team. protocol: control 1.3
    Connection forTeam(String nickname) throws IOException {
        JsonNode teams = rest.json(rest.get("/users/teams"));
        for (JsonNode team : teams) {
            if (team.path("nickname").asString("").equalsIgnoreCase(nickname)) {
                close();
                return to(server.forTeam(team.path("user_id").asString()));
            }
        }
        throw Failure.badInput(
                "the user of this key is in no team '%s'; it is in: %s",
                nickname, String.join(", ", teams.findValuesAsString("nickname")));
    }

    /// The owner part of app URLs.
    String nickname() throws IOException {
        return rest.json(rest.get("/users/current")).path("nickname").asString();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
