package mews.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/// A true HTTP server on a Unix socket, such as a runner has. It answers one request per
/// connection.
public final class FakeRunner implements AutoCloseable {
    /// @param headers `name: value` lines, names in lower case
    public record Request(String method, String path, List<String> headers, byte[] body) {}

    /// @param headers `Name: value` lines besides the length
    public record Answer(int status, List<String> headers, byte[] body) {
        public static Answer of(int status, String body) {
            return new Answer(status, List.of(), body.getBytes(StandardCharsets.UTF_8));
        }
    }

    private final Path socket;
    private final ServerSocketChannel server;
    private final Function<Request, Answer> app;
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    private FakeRunner(Path socket, ServerSocketChannel server, Function<Request, Answer> app) {
        this.socket = socket;
        this.server = server;
        this.app = app;
    }

    /// @param socket a short path that does not exist
    /// @param app may block; what it throws closes the connection without an answer
    public static FakeRunner start(Path socket, Function<Request, Answer> app) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        FakeRunner runner = new FakeRunner(socket, server, app);
        Thread.ofVirtual().start(runner::accept);
        return runner;
    }

    public Path socket() {
        return socket;
    }

    /// What arrived so far, in order.
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
    }

    private void accept() {
        try {
            while (server.isOpen()) {
                SocketChannel peer = server.accept();
                Thread.ofVirtual().start(() -> serve(peer));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(SocketChannel peer) {
        try (peer) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(peer));
            Request request = read(in);
            requests.add(request);
            write(Channels.newOutputStream(peer), app.apply(request));
        } catch (IOException | RuntimeException e) {
            // The caller sees a connection without an answer.
        }
    }

    private static Request read(InputStream in) throws IOException {
        String[] first = line(in).split(" ");
        List<String> headers = new ArrayList<>();
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            String name = header.substring(0, colon).toLowerCase(Locale.ROOT);
            headers.add(name + header.substring(colon));
            if (name.equals("content-length")) {
                length = Integer.parseInt(header.substring(colon + 1).strip());
            }
        }
        return new Request(first[0], first[1], headers, in.readNBytes(length));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("hung up");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private static void write(OutputStream out, Answer answer) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 %d Said\r\n".formatted(answer.status()));
        answer.headers().forEach(header -> head.append(header).append("\r\n"));
        head.append(
                "Connection: close\r\nContent-Length: %d\r\n\r\n".formatted(answer.body().length));
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.write(answer.body());
        out.flush();
    }
}
