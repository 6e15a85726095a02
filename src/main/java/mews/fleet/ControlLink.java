package mews.fleet;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The socket between one runner and this server: the server listens, the runner connects once.
final class ControlLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlLink.class);

    /// Large results travel in a file; a longer line is an attack or a defect.
    private static final int LONGEST_LINE = 16 * 1024 * 1024;

    private final Path socket;
    private final ServerSocketChannel server;
    private final CompletableFuture<SocketChannel> peer = new CompletableFuture<>();

    private ControlLink(Path socket, ServerSocketChannel server) {
        this.socket = socket;
        this.server = server;
    }

    static ControlLink listen(Path socket) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        ControlLink link = new ControlLink(socket, server);
        Thread.ofVirtual().name("control-accept").start(link::accept);
        return link;
    }

    /// Listens for a runner in its place, for what it says of itself and for what it asks of this
    /// server.
    ///
    /// @param closing ends it
    static ControlLink listenIn(Workplace place, Ground ground, String account, Closing closing)
            throws IOException {
        ControlLink link = listen(place.socket("control.sock"));
        closing.later("control socket", link::close);
        if (ground.sandbox().separateNetwork()) {
            AutoCloseable door = ground.door().open(place.socket("door.sock"), account);
            closing.later("door", door::close);
        }
        return link;
    }

    /// Only the first to connect is heard.
    private void accept() {
        try {
            peer.complete(server.accept());
            server.close();
        } catch (IOException e) {
            peer.completeExceptionally(e);
        }
    }

    /// Waits for the runner, sends it `start`, then hands on what it says until it hangs up.
    void converse(String start, Consumer<Message> heard) {
        try (SocketChannel channel = peer.join()) {
            write(channel, start);
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
            for (String line = line(in); line != null; line = line(in)) {
                hand(line, heard);
            }
        } catch (IOException | CompletionException e) {
            // The runner or this server hung up; its exit tells the rest.
            LOG.debug("control link ended socket={} reason={}", socket, e.getMessage());
        }
    }

    /// Whether the runner ever came.
    boolean connected() {
        return peer.isDone() && !peer.isCompletedExceptionally();
    }

    /// @return whether the runner came before it ended and in time
    boolean awaitPeer(CompletableFuture<?> end, Duration patience) {
        try {
            CompletableFuture.anyOf(peer, end).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("nobody came socket={}", socket);
        }
        return connected();
    }

    @Override
    public void close() throws IOException {
        server.close();
        if (connected()) {
            peer.join().close();
        }
        Files.deleteIfExists(socket);
    }

    private void hand(String line, Consumer<Message> heard) {
        try {
            heard.accept(Message.parse(line));
        } catch (IllegalArgumentException e) {
            LOG.warn("control message ignored socket={} reason={}", socket, e.getMessage());
        }
    }

    private static void write(SocketChannel channel, String message) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(message + "\n");
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return null;
            }
            if (line.size() >= LONGEST_LINE) {
                throw new IOException("a control line has more than " + LONGEST_LINE + " bytes");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
