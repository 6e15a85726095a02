package mews.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OptionalSslHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import mews.base.Env;
import mews.base.Home;
import mews.base.Loop;
import mews.model.Refusal;
import mews.pki.Identity;
import mews.pki.LocalAuthority;
import mews.pki.Trust;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// TLS of all that this server listens on, beside plaintext on the same ports: by a certificate of
/// the user, or by one of the local authority for all names and addresses that lead here. Looks
/// every few hours for a certificate that was renewed or is to be. protocol: choices 1
final class Tls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final Duration LOOK = Duration.ofHours(6);

    private static final String NOT_HERE =
            """
            HTTP/1.1 426 Upgrade Required\r
            Upgrade: TLS/1.2, HTTP/1.1\r
            Connection: close\r
            Content-Type: application/json\r
            Content-Length: %d\r
            \r
            %s\
            """;
    private static final String WHY =
            "{\"detail\":\"this server takes calls from other machines by TLS only; use https, or set tls.plaintext = 'anywhere' in mews.toml\"}";

    /// How one certificate is shown.
    private record Shown(Identity identity, SslContext context) {}

    private final Home home;
    private final ServerConfig.Tls config;
    private final Set<String> names;
    private final InstantSource clock;
    private final Loop renewal;
    private volatile Shown shown;

    private Tls(Home home, ServerConfig.Tls config, Set<String> names, InstantSource clock)
            throws IOException {
        this.home = home;
        this.config = config;
        this.names = names;
        this.clock = clock;
        this.shown = show(identity());
        this.renewal = Loop.start("certificates", LOOK, this::renew);
    }

    /// @throws Refusal if the user's own certificate cannot be used
    static Tls open(Home home, ServerConfig config, InstantSource clock) throws IOException {
        try {
            return new Tls(home, config.tls(), Authorities.names(config), clock);
        } catch (IOException e) {
            if (config.tls().certificate() == null) {
                throw e;
            }
            throw new Refusal(Refusal.Kind.INVALID, "tls in mews.toml: " + e.getMessage());
        }
    }

    Vertx vertx(VertxOptions options) {
        return FirstByte.vertx(options, Choice::new);
    }

    /// What clients need to trust besides the roots of their system, in PEM; null if nothing.
    @Nullable String authority() throws IOException {
        return config.certificate() == null
                ? Files.readString(LocalAuthority.certificateFile(home.authority()))
                : null;
    }

    /// The roots of this host's system and the local authority in one file; null if the certificate
    /// is the user's own.
    @Nullable Path roots() throws IOException {
        String authority = authority();
        if (authority == null) {
            return null;
        }
        String given = Env.get("SSL_CERT_FILE");
        Path file = home.tools().resolve("roots.pem");
        Trust.bundle(file, given == null ? null : Path.of(given), authority);
        return file;
    }

    @Override
    public void close() {
        renewal.close();
    }

    private Identity identity() throws IOException {
        Path certificate = config.certificate();
        Path key = config.key();
        return certificate != null && key != null
                ? Identity.read(certificate, key)
                : LocalAuthority.open(home.authority(), clock).identity(names);
    }

    private void renew() {
        try {
            Identity now = identity();
            if (!now.chain().equals(shown.identity().chain())) {
                shown = show(now);
                LOG.info("another certificate is shown from now on ends={}", now.ends());
            }
            if (now.ends().isBefore(clock.instant().plus(Duration.ofDays(7)))) {
                LOG.warn("the certificate ends soon ends={}", now.ends());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Shown show(Identity identity) throws IOException {
        return new Shown(
                identity,
                SslContextBuilder.forServer(
                                identity.key(), identity.chain().toArray(X509Certificate[]::new))
                        .sslProvider(SslProvider.JDK)
                        .protocols("TLSv1.3", "TLSv1.2")
                        .ciphers(null, SupportedCipherSuiteFilter.INSTANCE)
                        .applicationProtocolConfig(
                                new ApplicationProtocolConfig(
                                        Protocol.ALPN,
                                        SelectorFailureBehavior.NO_ADVERTISE,
                                        SelectedListenerFailureBehavior.ACCEPT,
                                        ApplicationProtocolNames.HTTP_2,
                                        ApplicationProtocolNames.HTTP_1_1))
                        .build());
    }

    private boolean welcome(@Nullable SocketAddress remote) {
        // What is no internet address came by a socket of a runner.
        return config.plaintextAnywhere()
                || !(remote instanceof InetSocketAddress address)
                || Optional.ofNullable(address.getAddress())
                        .filter(each -> each.isLoopbackAddress())
                        .isPresent();
    }

    /// Waits for the first bytes of one connection, then makes way.
    private final class Choice extends OptionalSslHandler {
        Choice() {
            super(shown.context());
        }

        @Override
        protected @Nullable ChannelHandler newNonSslHandler(ChannelHandlerContext context) {
            return welcome(context.channel().remoteAddress()) ? null : new Refusing();
        }
    }

    private static final class Refusing extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
            String answer = NOT_HERE.formatted(WHY.length(), WHY);
            context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.UTF_8))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }
}
