package mews.fleet;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/// Just enough HTTP over a Unix socket to learn a status. Blocks, never longer than it is told to.
final class UnixHttp {
    private static final int STATUS_LINE = 12;

    private UnixHttp() {}

    /// @return the status of the answer
    /// @throws IOException if there is none in time, saying why
    static int status(Path socket, String method, String path, Duration timeout)
            throws IOException {
        long end = System.nanoTime() + timeout.toNanos();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            connect(channel, socket);
            write(channel, selector, request(method, path), end);
            return parse(read(channel, selector, end));
        }
    }

    /// Whether someone listens who does not hang up at once. A forwarder accepts for its server and
    /// hangs up when that is gone.
    static boolean accepts(Path socket, Duration timeout) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            connect(channel, socket);
            channel.register(selector, SelectionKey.OP_READ);
            return selector.select(timeout.toMillis()) == 0
                    || channel.read(ByteBuffer.allocate(1)) >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void connect(SocketChannel channel, Path socket) throws IOException {
        channel.configureBlocking(false);
        if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
            throw new IOException("the connection was not accepted");
        }
    }

    private static ByteBuffer request(String method, String path) {
        String body = "POST".equals(method) ? "{}" : "";
        String text =
                """
                %s %s HTTP/1.1\r
                Host: localhost\r
                User-Agent: mews-health\r
                Content-Type: application/json\r
                Content-Length: %d\r
                Connection: close\r
                \r
                %s\
                """
                        .formatted(method, path, body.length(), body);
        return StandardCharsets.UTF_8.encode(text);
    }

    private static void write(
            SocketChannel channel, Selector selector, ByteBuffer request, long end)
            throws IOException {
        SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
        while (request.hasRemaining()) {
            await(selector, end);
            channel.write(request);
        }
        key.interestOps(SelectionKey.OP_READ);
    }

    private static String read(SocketChannel channel, Selector selector, long end)
            throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(STATUS_LINE);
        while (answer.hasRemaining()) {
            await(selector, end);
            if (channel.read(answer) < 0) {
                throw new IOException("the connection was closed without an answer");
            }
        }
        return StandardCharsets.ISO_8859_1.decode(answer.flip()).toString();
    }

    private static void await(Selector selector, long end) throws IOException {
        selector.selectedKeys().clear();
        long millis = (end - System.nanoTime()) / 1_000_000;
        if (millis <= 0 || selector.select(millis) == 0) {
            throw new IOException("no answer in time");
        }
    }

    /// `HTTP/1.1 200`
    private static int parse(String line) throws IOException {
        try {
            return Integer.parseInt(line.substring(9, STATUS_LINE));
        } catch (NumberFormatException e) {
            throw new IOException("the answer is not HTTP", e);
        }
    }
}
