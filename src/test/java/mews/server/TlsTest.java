package mews.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import mews.base.Home;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TlsTest {
    private final Vertx client = Vertx.vertx();
    @TempDir Path folder;

    @AfterEach
    void close() throws Exception {
        client.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpVersion.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void onePortTakesBothAndUrlsAreAsTheCallerCame(HttpVersion version) throws Exception {
        try (Open server = open("", "127.0.0.1")) {
            assertThat(ask(server, "127.0.0.1", false, version))
                    .isEqualTo("200 " + version + " http://127.0.0.1:8787");
            assertThat(ask(server, "127.0.0.1", true, version))
                    .isEqualTo("200 " + version + " https://127.0.0.1:8787");
        }
    }

    @Test
    void withADomainCallsFromOtherMachinesNeedTls() throws Exception {
        InetAddress other = ofDefaultRoute();
        Assumptions.assumeTrue(other != null, "this machine has no address besides loopback");
        String host = other.getHostAddress();
        String config =
                """
                [server]
                listen = ["%s:8787"]
                [tls]
                domain = "mews.test"
                """
                        .formatted(host);
        try (Open server = open(config, host)) {
            assertThat(ask(server, host, false, HttpVersion.HTTP_1_1)).startsWith("426 ");
            assertThat(ask(server, host, true, HttpVersion.HTTP_2)).startsWith("200 ");
        }
    }

    @Test
    void aDomainNamesEveryFamilyAndMovesWithThePort() {
        ServerConfig config =
                ConfigFile.parse("mews.toml", "[tls]\ndomain = \"mews.test\"", null)
                        .onPort(443, true);

        assertThat(config.urls().api()).isEqualTo("https://api.mews.test");
        assertThat(config.urls().queue()).isEqualTo("https://queue.run.mews.test");
        assertThat(config.urls().ws()).isEqualTo("wss://ws.run.mews.test");
        assertThat(config.numberedUrls().api()).isEqualTo("http://127.0.0.1:443");
        assertThat(Authorities.names(config)).contains("rest.mews.test", "127.0.0.2", "localhost");
        assertThat(config.tls().plaintextAnywhere()).isFalse();
        assertThat(config.server().anyPort()).isFalse();
    }

    @Test
    void anUnusableCertificateIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("chain.pem"), "nothing");
        String config = "[tls]\ncertificate = \"%1$s\"\nkey = \"%1$s\"".formatted(file);

        assertThatThrownBy(() -> open(config, "127.0.0.1").close())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("chain.pem");
        assertThatThrownBy(() -> ConfigFile.parse("mews.toml", "[tls]\ndomain = \"1.2.3.4\"", null))
                .hasMessageContaining("tls.domain");
        assertThatThrownBy(() -> ConfigFile.parse("mews.toml", "[tls]\ncertificate = \"/a\"", null))
                .hasMessageContaining("both certificate and key");
    }

    /// Nothing is sent for that. Addresses of other interfaces come and go with sandboxes.
    private static @Nullable InetAddress ofDefaultRoute() {
        try (var socket = new DatagramSocket()) {
            socket.connect(InetAddress.ofLiteral("192.0.2.1"), 9);
            InetAddress own = socket.getLocalAddress();
            return own.isLoopbackAddress() || own.isAnyLocalAddress() ? null : own;
        } catch (IOException | UncheckedIOException e) {
            return null;
        }
    }

    private record Open(Tls tls, Vertx vertx, int port) implements AutoCloseable {
        @Override
        public void close() {
            vertx.close().toCompletionStage().toCompletableFuture().join();
            tls.close();
        }
    }

    private Open open(String text, String host) throws Exception {
        ServerConfig config = ConfigFile.parse("mews.toml", text, null);
        Tls tls = Tls.open(new Home(folder, folder), config, InstantSource.system());
        Vertx vertx = tls.vertx(new VertxOptions());
        var urls = new CallerUrls(config);
        int port =
                vertx.createHttpServer()
                        .requestHandler(request ->
                                request.response()
                                        .end(request.version() + " " + urls.apply(request).api()))
                        .listen(0, host)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS)
                        .actualPort();
        return new Open(tls, vertx, port);
    }

    private String ask(Open server, String host, boolean tls, HttpVersion version)
            throws Exception {
        HttpClientOptions options =
                new HttpClientOptions()
                        .setProtocolVersion(version)
                        .setHttp2ClearTextUpgrade(false)
                        .setSsl(tls)
                        .setUseAlpn(tls)
                        .setSslEngineOptions(new JdkSSLEngineOptions());
        if (tls) {
            options.setTrustOptions(
                    new PemTrustOptions().addCertPath(folder.resolve("ca/ca.pem").toString()));
        }
        HttpClient http = client.createHttpClient(options);
        String answer =
                http.request(
                                new RequestOptions()
                                        .setMethod(HttpMethod.GET)
                                        .setHost(host)
                                        .setPort(server.port())
                                        .setURI("/"))
                        .compose(request -> request.send())
                        .compose(response ->
                                response.body().map(body -> response.statusCode() + " " + body))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
        http.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        return answer;
    }
}
