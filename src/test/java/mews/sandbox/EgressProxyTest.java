package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import mews.sandbox.EgressProxy.Bounds;
import mews.sandbox.EgressProxy.Duty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EgressProxyTest {
    private static final Bounds SHORT =
            new Bounds(
                    60,
                    2000,
                    Duration.ofMillis(400),
                    Duration.ofSeconds(5),
                    Duration.ofMillis(400));

    @TempDir private Path folder;

    private final List<String> refused = new CopyOnWriteArrayList<>();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private final List<SocketChannel> clients = new CopyOnWriteArrayList<>();
    private final ServerSocket far = silent();
    private volatile boolean echoes;
    private @Nullable EgressProxy proxy;

    private static ServerSocket silent() {
        try {
            return new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void accept() {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            Socket one = far.accept();
                            accepted.add(one);
                            if (echoes) {
                                Thread.ofVirtual().start(() -> echo(one));
                            }
                        }
                    } catch (IOException e) {
                        // Closed.
                    }
                });
    }

    @AfterEach
    void close() throws IOException {
        if (proxy != null) {
            proxy.close();
        }
        far.close();
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    @Test
    void eitherSideOfATunnelMayEndFirst() throws Exception {
        open(Bounds.STANDARD, Map.of());
        SocketChannel client = say("CONNECT " + target() + " HTTP/1.1\r\n\r\nearly ");
        Socket server = accepted(1).getFirst();
        write(client, "late");
        client.shutdownOutput();

        assertThat(text(server.getInputStream())).isEqualTo("early late");
        server.getOutputStream().write("answer".getBytes(StandardCharsets.UTF_8));
        server.shutdownOutput();
        assertThat(text(client)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nanswer");
    }

    @Test
    void fiftyAtOnceAreCarriedApart() throws Exception {
        open(Bounds.STANDARD, Map.of());
        echoes = true;
        List<Future<String>> answers = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                String body = ("line " + i + ";").repeat(10_000);
                answers.add(
                        each.submit(() -> {
                            SocketChannel client = say("CONNECT " + target() + " HTTP/1.1\r\n\r\n");
                            Thread.ofVirtual().start(() -> writeAndEnd(client, body));
                            return text(client);
                        }));
            }
        }
        for (int i = 0; i < 50; i++) {
            assertThat(answers.get(i).get())
                    .endsWith("\r\n\r\n" + ("line " + i + ";").repeat(10_000));
        }
    }

    @Test
    void aPlainRequestGoesToItsTargetOnceAndAlone() throws Exception {
        open(Bounds.STANDARD, Map.of());
        SocketChannel client =
                say(
                        "GET http://%s/a?b HTTP/1.1\r\nAuthorization: Basic eA==\r\n\r\nGET http://elsewhere/ HTTP/1.1\r\n\r\n"
                                .formatted(target()));
        Socket server = accepted(1).getFirst();
        client.shutdownOutput();

        assertThat(text(server.getInputStream()))
                .isEqualTo(
                        "GET /a?b HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic eA==\r\nConnection: close\r\n\r\n"
                                .formatted(target()));
        server.getOutputStream()
                .write("HTTP/1.1 204 Fine\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        server.close();
        assertThat(text(client)).isEqualTo("HTTP/1.1 204 Fine\r\n\r\n");
    }

    @Test
    void whatIsRefusedIsToldOnceWithoutSecrets() throws Exception {
        open(Bounds.STANDARD, Map.of());
        for (int i = 0; i < 3; i++) {
            String answer =
                    text(say("GET http://user:hidden@10.0.0.1/secret?token HTTP/1.1\r\n\r\n"));

            assertThat(answer)
                    .startsWith("HTTP/1.1 403 10.0.0.1:80 is not on the internet")
                    .contains("sandbox.allow_networks in mews.toml")
                    .doesNotContain("hidden", "secret", "token");
        }
        assertThat(refused).hasSize(1);
        assertThat(refused.getFirst()).startsWith("10.0.0.1:80 ").doesNotContain("hidden");
    }

    @Test
    void whoeverSaysNothingIsLetGo() throws Exception {
        open(SHORT, Map.of());
        SocketChannel mute = connect();
        SocketChannel tunnel = say("CONNECT " + target() + " HTTP/1.1\r\n\r\n");
        accepted(1);

        assertThat(text(mute)).isEmpty();
        assertThat(text(tunnel)).startsWith("HTTP/1.1 200 ");
        assertThat(accepted.getFirst().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void aClientThatLeavesTakesItsConnectionAlong() throws Exception {
        open(Bounds.STANDARD, Map.of());
        SocketChannel client = say("GET http://" + target() + "/ HTTP/1.1\r\n\r\n");
        Socket server = accepted(1).getFirst();
        client.close();

        assertThat(text(server.getInputStream())).startsWith("GET / HTTP/1.1");
    }

    @Test
    void longHeadsAndTooManyConnectionsAreTurnedAway() throws Exception {
        Bounds two =
                new Bounds(
                        2,
                        500,
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1));
        open(two, Map.of());
        say("CONNECT " + target() + " HTTP/1.1\r\n\r\n");
        accepted(1);

        try (SocketChannel talker = say("GET http://a/" + "x".repeat(500))) {
            assertThat(text(talker)).startsWith("HTTP/1.1 431 ");
        }
        await().ignoreExceptions()
                .untilAsserted(() -> {
                    SocketChannel second = say("CONNECT " + target() + " HTTP/1.1\r\n\r\n");
                    assertThat(line(second)).startsWith("HTTP/1.1 200 ");
                });
        assertThat(text(connect())).startsWith("HTTP/1.1 503 2 conn");
    }

    @Test
    void aTargetThatRefusesOrIsUnknownIsTold() throws Exception {
        String gone;
        try (ServerSocket free = silent()) {
            gone = "127.0.0.1:" + free.getLocalPort();
        }
        open(Bounds.STANDARD, Map.of(), gone);

        assertThat(text(say("CONNECT " + gone + " HTTP/1.1\r\n\r\n")))
                .startsWith("HTTP/1.1 502 " + gone + " does not accept connections");
        assertThat(text(say("CONNECT no.such.invalid:1 HTTP/1.1\r\n\r\n")))
                .startsWith("HTTP/1.1 502 no address is known for no.such.invalid");
    }

    @Test
    void goesThroughTheProxyOfTheHostsOwnNetwork() throws Exception {
        open(Bounds.STANDARD, Map.of("HTTPS_PROXY", "http://me:pw@" + target()));
        SocketChannel client = say("CONNECT outside.invalid:443 HTTP/1.1\r\n\r\n");
        Socket server = accepted(1).getFirst();

        byte[] asked = new byte[200];
        int read = server.getInputStream().read(asked);
        assertThat(new String(asked, 0, read, StandardCharsets.UTF_8))
                .isEqualTo(
                        "CONNECT outside.invalid:443 HTTP/1.1\r\nHost: outside.invalid:443\r\nProxy-Authorization: Basic bWU6cHc=\r\n\r\n");
        server.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        assertThat(line(client)).startsWith("HTTP/1.1 200 ");
        assertThat(text(say("CONNECT 10.0.0.1:443 HTTP/1.1\r\n\r\n"))).startsWith("HTTP/1.1 403 ");
    }

    private void open(Bounds bounds, Map<String, String> outer) throws IOException {
        open(bounds, outer, target());
    }

    private void open(Bounds bounds, Map<String, String> outer, String named) throws IOException {
        Targets targets = new Targets(List.of(), Set.of(), Set.of(named), Targets.Resolver.OF_HOST);
        proxy =
                EgressProxy.open(
                        folder.resolve("s"),
                        new Duty("test", targets, Upstream.of(outer), bounds, refused::add));
    }

    private String target() {
        return "127.0.0.1:" + far.getLocalPort();
    }

    private static void echo(Socket one) {
        try (one) {
            one.getInputStream().transferTo(one.getOutputStream());
        } catch (IOException e) {
            // The other side tells.
        }
    }

    private List<Socket> accepted(int count) {
        await().until(() -> accepted.size() >= count);
        return accepted;
    }

    private SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        clients.add(client);
        client.connect(UnixDomainSocketAddress.of(folder.resolve("s")));
        return client;
    }

    private SocketChannel say(String text) throws IOException {
        SocketChannel client = connect();
        write(client, text);
        return client;
    }

    private static void write(SocketChannel client, String text) throws IOException {
        Channels.newOutputStream(client).write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void writeAndEnd(SocketChannel client, String text) {
        try {
            write(client, text);
            client.shutdownOutput();
        } catch (IOException e) {
            // The reader tells.
        }
    }

    private static String text(SocketChannel client) throws IOException {
        return text(Channels.newInputStream(client));
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String line(SocketChannel client) throws IOException {
        byte[] piece = new byte[200];
        int read = Channels.newInputStream(client).read(piece);
        return new String(piece, 0, Math.max(read, 0), StandardCharsets.UTF_8);
    }
}
