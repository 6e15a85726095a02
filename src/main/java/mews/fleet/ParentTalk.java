package mews.fleet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import mews.base.Json;
import mews.sandbox.SandboxProcess;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this server and a warm parent tell each other. protocol: runner/src/mews_runner/parent.py
final class ParentTalk {
    private static final Logger LOG = LoggerFactory.getLogger(ParentTalk.class);

    private ParentTalk() {}

    static void order(Nursery.Parent parent, Map<String, Object> order) throws IOException {
        byte[] text = Json.write(order).getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(4 + text.length).order(ByteOrder.nativeOrder());
        bytes.putInt(text.length).put(text).flip();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(parent.door()));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    static String warm(Launch launch, Map<String, String> variables, List<String> modules) {
        return Json.write(
                Map.of(
                        "type",
                        "warm",
                        "env",
                        variables,
                        "paths",
                        launch.ground().environments().pythonPath(launch.image()).stream()
                                .map(Path::toString)
                                .toList(),
                        "support",
                        List.of(launch.support().toString()),
                        "modules",
                        modules));
    }

    /// What packages print when they are imported is nobody's log line yet.
    static void listenTo(SandboxProcess process) {
        for (InputStream stream : List.of(process.stdout(), process.stderr())) {
            Thread.ofPlatform()
                    .daemon()
                    .name("parent-output")
                    .start(() -> {
                        try (BufferedReader lines =
                                new BufferedReader(
                                        new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                            lines.lines().forEach(line -> LOG.debug("parent said line={}", line));
                        } catch (IOException | UncheckedIOException e) {
                            LOG.debug("a parent's output ended", e);
                        }
                    });
        }
    }

    /// Waits until a parent is warm.
    ///
    /// @param message its first
    /// @param setUp told once if it ran `setup()`
    /// @return done once it ended
    /// @throws IOException with the reason if it does not get there
    static CompletableFuture<@Nullable Void> awaitWarm(
            ControlLink link,
            SandboxProcess process,
            String message,
            Duration patience,
            Consumer<Message.SetUp> setUp)
            throws IOException {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();
        Thread.ofVirtual()
                .name("parent-talk")
                .start(() -> {
                    link.converse(message, said -> heard(said, outcome, setUp));
                    outcome.complete("it ended before it was warm");
                    gone.complete(null);
                });
        process.exit().whenComplete((exit, failure) -> outcome.complete("its sandbox ended"));
        String problem;
        try {
            problem = outcome.get(patience.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            problem = "it was not warm within %d s".formatted(patience.toSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = "this server is stopping";
        } catch (ExecutionException e) {
            problem = String.valueOf(e.getCause());
        }
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
        return gone;
    }

    /// @param outcome empty if it is warm, else why it is not
    /// @param setUp told once if it ran `setup()`
    private static void heard(
            Message said, CompletableFuture<String> outcome, Consumer<Message.SetUp> setUp) {
        if (said instanceof Message.Ready) {
            outcome.complete("");
        } else if (said instanceof Message.Failed(String phase, String text)) {
            outcome.complete(text);
        } else if (said instanceof Message.SetUp told) {
            setUp.accept(told);
        }
    }
}
