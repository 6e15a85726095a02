package mews.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/// Stands before a registry and hangs up in the middle of every large answer.
public final class BreakingRegistry implements AutoCloseable {
    private static final long MOST = 200_000;

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger broken = new AtomicInteger();
    private final int behind;

    public BreakingRegistry(TestRegistry registry) throws IOException {
        this.behind = registry.port();
        Thread.ofVirtual().start(this::accept);
    }

    public String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /// How often it hung up.
    public int broken() {
        return broken.get();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket caller = socket.accept();
                Thread.ofVirtual().start(() -> lead(caller));
            } catch (IOException e) {
                // Closed.
            }
        }
    }

    private void lead(Socket caller) {
        try (caller;
                Socket registry = new Socket(InetAddress.getLoopbackAddress(), behind)) {
            Thread up =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    caller.getInputStream().transferTo(registry.getOutputStream());
                                } catch (IOException e) {
                                    // One side is gone.
                                }
                            });
            answer(registry.getInputStream(), caller.getOutputStream());
            up.interrupt();
        } catch (IOException e) {
            // One side is gone.
        }
    }

    private void answer(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[8192];
        long passed = 0;
        int count = from.read(buffer);
        while (count >= 0) {
            passed += count;
            if (passed > MOST) {
                broken.incrementAndGet();
                return;
            }
            to.write(buffer, 0, count);
            count = from.read(buffer);
        }
    }
}
