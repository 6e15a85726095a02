package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import mews.base.Json;
import mews.host.Interpreters;
import mews.testing.ServerProcess;
import mews.testing.TinyIndex;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.BuildEnvironmentResult;
import mews.wire.proto.EnvironmentDefinition;
import mews.wire.proto.IsolateControllerGrpc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that is killed while it builds.
class KilledBuildIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String MINOR =
            Stream.of("3.11", "3.12", "3.13")
                    .filter(minor -> Interpreters.ofHost().find(minor).isPresent())
                    .findFirst()
                    .orElseThrow();

    @TempDir private Path folder;

    @Test
    void nothingHalfBuiltIsUsedAndTheNextBuildSucceeds() throws Exception {
        // PostgreSQL's user has to pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path home = Files.createDirectories(folder.resolve("home"));
        Files.writeString(
                home.resolve("mews.toml"),
                "[sandbox]\nallow_networks = [\"127.0.0.0/8\"]\n[cache]\nfree_mb = 0\n");
        try (TinyIndex index = new TinyIndex()) {
            index.add("victim", "1.0");
            killWhileBuilding(home, index);
            // As if it had been killed while pruning, too.
            Files.createDirectories(home.resolve("layers/.trash/half-a-layer/site"));

            try (ServerProcess server = ServerProcess.start(home)) {
                assertThat(leftovers(home)).isEmpty();
                await().atMost(PATIENCE).until(() -> installers(home).isEmpty());
                index.open();
                List<String> said = build(server, home, index);
                assertThat(said).anyMatch(line -> line.contains("installing victim"));
                assertThat(build(server, home, index)).anyMatch(line -> line.contains("cached"));
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(leftovers(home)).isEmpty());
            }
        }
    }

    private static void killWhileBuilding(Path home, TinyIndex index) throws Exception {
        try (ServerProcess server = ServerProcess.start(home)) {
            index.hold();
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread caller =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    build(server, home, index);
                                } catch (Exception e) {
                                    end.set(e);
                                }
                            });
            await().atMost(PATIENCE).until(() -> index.asked() > 0);
            assertThat(leftovers(home)).isNotEmpty();

            server.process().destroyForcibly().waitFor();

            caller.join();
            assertThat(end.get()).isInstanceOf(StatusRuntimeException.class);
        }
    }

    /// @return what the build said
    private static List<String> build(ServerProcess server, Path home, TinyIndex index)
            throws Exception {
        URI api = URI.create(server.told("api"));
        ManagedChannel channel =
                OkHttpChannelBuilder.forAddress(api.getHost(), api.getPort())
                        .usePlaintext()
                        .build();
        try {
            Struct.Builder configuration = Struct.newBuilder();
            JsonFormat.parser()
                    .merge(
                            Json.write(
                                    java.util.Map.of(
                                            "requirements",
                                            List.of("victim", "--index-url", index.url()),
                                            "python_version",
                                            MINOR)),
                            configuration);
            BuildEnvironmentRequest request =
                    BuildEnvironmentRequest.newBuilder()
                            .addEnvironments(
                                    EnvironmentDefinition.newBuilder()
                                            .setKind("virtualenv")
                                            .setConfiguration(configuration))
                            .build();
            List<String> said = new ArrayList<>();
            IsolateControllerGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(key(home)))
                    .buildEnvironment(request)
                    .forEachRemaining(answer -> add(said, answer));
            return said;
        } finally {
            channel.shutdownNow();
        }
    }

    private static void add(List<String> said, BuildEnvironmentResult answer) {
        answer.getLogsList().forEach(log -> said.add(log.getMessage()));
    }

    private static Metadata key(Path home) throws Exception {
        String[] halves = Files.readString(home.resolve("credentials")).strip().split(":");
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of("auth-key-id", Metadata.ASCII_STRING_MARSHALLER), halves[0]);
        metadata.put(Metadata.Key.of("auth-key", Metadata.ASCII_STRING_MARSHALLER), halves[1]);
        return metadata;
    }

    private static List<Path> leftovers(Path home) throws Exception {
        try (Stream<Path> all = Files.walk(home.resolve("layers"), 5)) {
            return all.filter(
                            path -> {
                                String name = path.getFileName().toString();
                                return name.startsWith("draft-") || name.equals(".trash");
                            })
                    .toList();
        }
    }

    private static List<ProcessHandle> installers(Path home) {
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .filter(line -> line.contains(home + "/tools/uv-"))
                                .isPresent())
                .toList();
    }
}
