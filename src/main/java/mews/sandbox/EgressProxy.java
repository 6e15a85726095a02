package mews.sandbox;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import mews.base.Loop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way out of one sandbox that has no network: a forward proxy on a Unix socket, which looks
/// names up itself and connects only where it may. It sees no secret of what it carries but those
/// of plain HTTP, and tells nobody more than host and port.
final class EgressProxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EgressProxy.class);
    private static final int BACKLOG = 256;
    private static final int MOST_REFUSALS_TOLD = 20;
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final long PAUSE_NANOS = 50_000_000;

    /// @param connections most at one time; more are told to come again
    /// @param headBytes longest head of a request
    /// @param head how long a head may take to arrive
    /// @param connect how long a target may take to accept
    /// @param idle how long a connection may carry nothing
    record Bounds(int connections, int headBytes, Duration head, Duration connect, Duration idle) {
        static final Bounds STANDARD =
                new Bounds(
                        256,
                        32 * 1024,
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(20),
                        Duration.ofMinutes(15));
    }

    /// What a proxy does for whom.
    ///
    /// @param name of the sandbox, for the log
    /// @param refused told each refused target, once
    record Duty(
            String name,
            Targets targets,
            Upstream upstream,
            Bounds bounds,
            Consumer<String> refused) {}

    private final Duty duty;
    private final ServerSocketChannel listener;
    private final Semaphore room;
    private final Set<ProxyConnection> open = ConcurrentHashMap.newKeySet();
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final Loop clock;

    private EgressProxy(Duty duty, ServerSocketChannel listener) {
        this.duty = duty;
        this.listener = listener;
        this.room = new Semaphore(duty.bounds().connections());
        this.clock =
                Loop.start(
                        "mews-egress-clock",
                        TICK,
                        () -> open.forEach(ProxyConnection::closeIfLate));
    }

    /// @param socket path to listen on; whoever may enter its folder may connect
    static EgressProxy open(Path socket, Duty duty) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
        EgressProxy proxy = new EgressProxy(duty, listener);
        Thread.ofVirtual().name("mews-egress-" + duty.name()).start(proxy::accept);
        return proxy;
    }

    /// Ends every connection.
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            LOG.debug("egress proxy was not closed", e);
        }
        clock.close();
        open.forEach(ProxyConnection::close);
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                Thread.ofVirtual().name("mews-egress-" + duty.name()).start(() -> serve(client));
            } catch (IOException e) {
                // Closed, or this process has too many files open.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void serve(SocketChannel client) {
        ProxyConnection connection = new ProxyConnection(client, duty, this::tell);
        boolean admitted = room.tryAcquire();
        open.add(connection);
        try {
            // Closing looks at what is there, which this may have missed.
            if (!listener.isOpen()) {
                return;
            }
            if (admitted) {
                connection.run();
            } else {
                connection.turnAway(duty.bounds().connections());
            }
        } finally {
            connection.close();
            open.remove(connection);
            if (admitted) {
                room.release();
            }
        }
    }

    private void tell(Target target, String sentence) {
        if (told.size() < MOST_REFUSALS_TOLD && told.add(target.toString())) {
            LOG.info("egress refused sandbox={} target={}", duty.name(), target);
            duty.refused().accept(sentence);
        }
    }
}
