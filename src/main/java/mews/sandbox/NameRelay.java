package mews.sandbox;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Semaphore;

/// Hands name queries of runners to a name server that listens on this host's loopback only, where
/// no packet filter can lead them. The packet filter decides who may ask.
final class NameRelay implements AutoCloseable {
    private static final int NAMES = 53;
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int LARGEST = 65_535;
    private static final int MOST_AT_ONCE = 256;

    private final InetSocketAddress server;
    private final String subnetPrefix;
    private final DatagramSocket packets;
    private final ServerSocket streams;
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);

    /// @param subnetPrefix what the address of anybody who may ask begins with
    NameRelay(String server, String subnetPrefix) throws IOException {
        this.server = new InetSocketAddress(InetAddress.getByName(server), NAMES);
        this.subnetPrefix = subnetPrefix;
        this.streams = new ServerSocket(0);
        this.packets = new DatagramSocket(streams.getLocalPort());
        Thread.ofVirtual().name("mews-names-udp").start(this::relayPackets);
        Thread.ofVirtual().name("mews-names-tcp").start(this::relayStreams);
    }

    int port() {
        return streams.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        packets.close();
        streams.close();
    }

    private void relayPackets() {
        while (!packets.isClosed()) {
            try {
                DatagramPacket query = new DatagramPacket(new byte[LARGEST], LARGEST);
                packets.receive(query);
                if (known(query.getAddress()) && room.tryAcquire()) {
                    Thread.ofVirtual().start(() -> answer(query));
                }
            } catch (IOException e) {
                // Closed, or one bad packet; the asker tries again.
            }
        }
    }

    private void answer(DatagramPacket query) {
        try (DatagramSocket upstream = new DatagramSocket()) {
            upstream.setSoTimeout(PATIENCE_MILLIS);
            upstream.send(new DatagramPacket(query.getData(), query.getLength(), server));
            DatagramPacket answer = new DatagramPacket(new byte[LARGEST], LARGEST);
            upstream.receive(answer);
            answer.setSocketAddress(query.getSocketAddress());
            packets.send(answer);
        } catch (IOException e) {
            // No answer is an answer that resolvers understand.
        } finally {
            room.release();
        }
    }

    private void relayStreams() {
        while (!streams.isClosed()) {
            try {
                Socket asker = streams.accept();
                if (known(asker.getInetAddress()) && room.tryAcquire()) {
                    Thread.ofVirtual().start(() -> answer(asker));
                } else {
                    asker.close();
                }
            } catch (IOException e) {
                // Closed.
            }
        }
    }

    /// One query per connection; resolvers open another for the next.
    private void answer(Socket asker) {
        try (asker;
                Socket upstream = new Socket()) {
            asker.setSoTimeout(PATIENCE_MILLIS);
            upstream.connect(server, PATIENCE_MILLIS);
            upstream.setSoTimeout(PATIENCE_MILLIS);
            pass(asker, upstream);
            pass(upstream, asker);
        } catch (IOException e) {
            // As above.
        } finally {
            room.release();
        }
    }

    /// One message with its two bytes of length. protocol: RFC 1035 4.2.2
    private static void pass(Socket from, Socket to) throws IOException {
        DataInputStream in = new DataInputStream(from.getInputStream());
        byte[] message = in.readNBytes(in.readUnsignedShort());
        DataOutputStream out = new DataOutputStream(to.getOutputStream());
        byte[] framed = new byte[message.length + 2];
        framed[0] = (byte) (message.length >> 8);
        framed[1] = (byte) message.length;
        System.arraycopy(message, 0, framed, 2, message.length);
        out.write(framed);
        out.flush();
    }

    private boolean known(InetAddress asker) {
        return asker.getHostAddress().startsWith(subnetPrefix);
    }
}
