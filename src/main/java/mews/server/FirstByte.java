package mews.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.transport.Transport;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets every connection that a server takes begin with TLS or without, on one port: before Vert.x
/// sees a byte, one of our handlers looks at the first and puts Netty's TLS in between if it is a
/// greeting of TLS. Vert.x has no such choice of its own. protocol: choices 1
final class FirstByte implements Transport {
    private final Transport transport;
    private final Supplier<ChannelInboundHandlerAdapter> handlers;

    private FirstByte(Transport transport, Supplier<ChannelInboundHandlerAdapter> handlers) {
        this.transport = transport;
        this.handlers = handlers;
    }

    /// @param handlers makes what goes before everything else in the pipeline of a connection
    static Vertx vertx(VertxOptions options, Supplier<ChannelInboundHandlerAdapter> handlers) {
        io.vertx.core.transport.@Nullable Transport found =
                io.vertx.core.transport.Transport.nativeTransport();
        var ground =
                found != null && found.available() ? found : io.vertx.core.transport.Transport.NIO;
        Transport choosing = new FirstByte(ground.implementation(), handlers);
        return Vertx.builder()
                .with(options)
                .withTransport(
                        new io.vertx.core.transport.Transport() {
                            @Override
                            public String name() {
                                return ground.name();
                            }

                            @Override
                            public boolean available() {
                                return ground.available();
                            }

                            @Override
                            public Throwable unavailabilityCause() {
                                return ground.unavailabilityCause();
                            }

                            @Override
                            public Transport implementation() {
                                return choosing;
                            }
                        })
                .build();
    }

    @Override
    public void configure(
            NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        transport.configure(options, domainSocket, bootstrap);
        bootstrap.handler(new Taking());
    }

    /// Sits on a listening socket, where connections arrive as messages.
    @Sharable
    private final class Taking extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Channel connection) {
                connection.pipeline().addLast(handlers.get());
            }
            context.fireChannelRead(message);
        }
    }

    @Override
    public boolean supportsDomainSockets() {
        return transport.supportsDomainSockets();
    }

    /// Whoever sends a file over TLS has to do it piece by piece: Vert.x leaves that to a handler
    /// that it adds only where it has set up TLS itself, and `sendFile` would never begin.
    @Override
    public boolean supportFileRegion() {
        return transport.supportFileRegion();
    }

    @Override
    public boolean isAvailable() {
        return transport.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
        return transport.unavailabilityCause();
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
        return transport.convert(address);
    }

    @Override
    public SocketAddress convert(java.net.SocketAddress address) {
        return transport.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return transport.ioHandlerFactory();
    }

    @Override
    public EventLoopGroup eventLoopGroup(
            int type, int threads, ThreadFactory factory, int ioRatio) {
        return transport.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    public DatagramChannel datagramChannel() {
        return transport.datagramChannel();
    }

    @Override
    @SuppressWarnings("deprecation")
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return transport.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return transport.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return transport.serverChannelFactory(domainSocket);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
        transport.configure(channel, options);
    }

    @Override
    public void configure(
            ClientOptionsBase options, int connectTimeout, boolean domain, Bootstrap bootstrap) {
        transport.configure(options, connectTimeout, domain, bootstrap);
    }
}
