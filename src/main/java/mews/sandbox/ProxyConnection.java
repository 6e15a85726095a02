package mews.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import mews.sandbox.EgressProxy.Duty;
import mews.sandbox.Targets.Denied;
import mews.sandbox.Upstream.Proxy;
import org.jspecify.annotations.Nullable;

/// One connection to the egress proxy, from its first line to its end. Runs on a virtual thread and
/// blocks; another thread closes it when it is late, which ends whatever it waits for.
final class ProxyConnection implements AutoCloseable {
    private static final int PIECE = 64 * 1024;
    private static final int PIECES_READ = 64;
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final SocketChannel client;
    private final Duty duty;
    private final BiConsumer<Target, String> refused;
    private final ByteBuffer early;
    private volatile @Nullable SocketChannel far;
    private volatile long latest;

    ProxyConnection(SocketChannel client, Duty duty, BiConsumer<Target, String> refused) {
        this.client = client;
        this.duty = duty;
        this.refused = refused;
        this.early = ByteBuffer.allocate(duty.bounds().headBytes());
        this.latest = System.nanoTime() + duty.bounds().head().toNanos();
    }

    void run() {
        try {
            Optional<RequestHead> head = RequestHead.parse(Heads.read(client, early));
            if (head.isEmpty()) {
                throw new Denied(400, "this is a proxy for https and http requests only");
            }
            carry(head.get());
        } catch (Denied e) {
            answer(e.status(), e.sentence());
        } catch (IOException e) {
            // One of the two is gone, or was too late.
        }
    }

    void turnAway(int most) {
        say(503, "%d connections are open already, which is the most".formatted(most));
    }

    void closeIfLate() {
        if (System.nanoTime() - latest > 0) {
            close();
        }
    }

    @Override
    public void close() {
        quietly(client);
        quietly(far);
    }

    private void carry(RequestHead head) throws IOException, Denied {
        allow(duty.bounds().connect().multipliedBy(2));
        Optional<Proxy> outer = duty.upstream().towards(head.target(), head.tunnel());
        List<InetAddress> addresses;
        try {
            addresses = lookUp(head.target(), outer.isPresent());
        } catch (Denied e) {
            refused.accept(head.target(), e.sentence());
            throw e;
        }
        boolean near = addresses.stream().anyMatch(Reachable::isOfThisHost);
        SocketChannel target =
                outer.isPresent() && !near
                        ? through(outer.get(), head)
                        : connect(head.target(), addresses);
        if (head.tunnel()) {
            Heads.write(client, "HTTP/1.1 200 Connection established" + Heads.BLANK);
        } else if (outer.isEmpty() || near) {
            Heads.write(target, head.forTarget());
        }
        allow(duty.bounds().idle());
        Thread forth =
                Thread.ofVirtual()
                        .name("mews-egress-forth")
                        .start(() -> forth(target, head.body()));
        pass(target, client);
        // A request ends with its answer; in a tunnel either side may end before the other.
        if (head.tunnel()) {
            join(forth);
        }
    }

    /// @return empty if only the outer proxy can know
    private List<InetAddress> lookUp(Target target, boolean outer) throws Denied {
        try {
            return duty.targets().addresses(target);
        } catch (UnknownHostException e) {
            if (!outer) {
                throw new Denied(502, "no address is known for %s".formatted(target.host()));
            }
            if (!duty.targets().mayBeAskedOutside(target)) {
                throw new Denied(403, Targets.refusal(target));
            }
            return List.of();
        }
    }

    private SocketChannel connect(Target target, List<InetAddress> addresses)
            throws IOException, Denied {
        boolean slow = false;
        for (InetAddress address : addresses) {
            SocketChannel channel = SocketChannel.open();
            far = channel;
            try {
                channel.socket()
                        .connect(
                                new InetSocketAddress(address, target.port()),
                                Math.toIntExact(duty.bounds().connect().toMillis()));
                return channel;
            } catch (IOException e) {
                slow |= e instanceof SocketTimeoutException;
                channel.close();
            }
        }
        throw slow
                ? new Denied(504, "%s does not answer".formatted(target))
                : new Denied(502, "%s does not accept connections".formatted(target));
    }

    /// Goes through the proxy of this host's own network. Only that one looks up the name.
    private SocketChannel through(Proxy outer, RequestHead head) throws IOException, Denied {
        Target target = outer.target();
        List<InetAddress> addresses;
        try {
            addresses = Targets.Resolver.OF_HOST.resolve(target.host());
        } catch (UnknownHostException e) {
            throw new Denied(502, "no address is known for this server's own proxy");
        }
        SocketChannel channel = connect(target, addresses);
        String credentials =
                outer.credentials().isEmpty()
                        ? ""
                        : "\r\nProxy-Authorization: " + outer.credentials();
        if (!head.tunnel()) {
            String text = head.forProxy();
            int end = text.length() - Heads.BLANK.length();
            Heads.write(channel, text.substring(0, end) + credentials + Heads.BLANK);
            return channel;
        }
        Heads.write(
                channel,
                "CONNECT %1$s HTTP/1.1\r\nHost: %1$s%2$s".formatted(head.target(), credentials)
                        + Heads.BLANK);
        ByteBuffer after = ByteBuffer.allocate(duty.bounds().headBytes());
        String answer = Heads.read(channel, after);
        if (!answer.matches("(?s)HTTP/1\\.\\d 2\\d\\d.*")) {
            throw new Denied(
                    502,
                    "this server's own proxy refuses %s: %s"
                            .formatted(head.target(), answer.lines().findFirst().orElse("")));
        }
        // What the target said at once would be lost; it never speaks first in TLS.
        return channel;
    }

    /// From the program to the target: what came early, then the rest. After a request of known
    /// length nothing follows that the target should see, but the end still tells that the program
    /// is gone.
    ///
    /// @param bytes how many; -1 = as long as they come
    private void forth(SocketChannel target, long bytes) {
        try {
            if (bytes >= 0 && early.remaining() > bytes) {
                early.limit(early.position() + (int) bytes);
            }
            long left = bytes - early.remaining();
            while (early.hasRemaining()) {
                target.write(early);
            }
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            int read = 0;
            while (read >= 0 && (bytes < 0 || left > 0)) {
                piece.clear().limit(bytes < 0 ? PIECE : (int) Math.min(PIECE, left));
                read = move(client, target, piece);
                left -= read;
            }
            while (read >= 0) {
                read = client.read(piece.clear());
            }
            target.shutdownOutput();
        } catch (IOException e) {
            close();
        }
    }

    private void pass(SocketChannel from, SocketChannel to) {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        try {
            while (move(from, to, piece.clear()) >= 0) {
                // Until its end.
            }
            to.shutdownOutput();
        } catch (IOException e) {
            close();
        }
    }

    private int move(SocketChannel from, SocketChannel to, ByteBuffer piece) throws IOException {
        int read = from.read(piece);
        allow(duty.bounds().idle());
        piece.flip();
        while (piece.hasRemaining()) {
            to.write(piece);
            allow(duty.bounds().idle());
        }
        return read;
    }

    private void allow(Duration time) {
        latest = System.nanoTime() + time.toNanos();
    }

    private void answer(int status, String sentence) {
        if (say(status, sentence)) {
            allow(LAST_WORDS);
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            try {
                // Closed while there is something to read, the answer would be lost.
                for (int i = 0; i < PIECES_READ && client.read(piece.clear()) >= 0; i++) {
                    // What it still says is not wanted.
                }
            } catch (IOException e) {
                // It is gone.
            }
        }
    }

    private boolean say(int status, String sentence) {
        // Programs show the status line of a refused tunnel, and nothing else.
        String text = sentence.replaceAll("[^\\x20-\\x7e]", "?");
        try {
            Heads.write(
                    client,
                    "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close%s%s\n"
                            .formatted(status, text, text.length() + 1, Heads.BLANK, text));
            client.shutdownOutput();
            return true;
        } catch (IOException e) {
            // It does not want to know.
            return false;
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void quietly(@Nullable SocketChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It is gone then.
        }
    }
}
