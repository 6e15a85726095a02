package mews.sandbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import mews.sandbox.Targets.Denied;

/// Reads and writes the first lines of HTTP/1.1 messages.
final class Heads {
    static final String BLANK = "\r\n\r\n";

    private Heads() {}

    /// Reads up to and with the empty line; what came after it stays in `buffer`, to be read.
    ///
    /// @param buffer empty; bounds the head
    /// @return the lines, without the empty one
    static String read(SocketChannel from, ByteBuffer buffer) throws IOException, Denied {
        while (true) {
            String text =
                    new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
            int end = text.indexOf(BLANK);
            if (end >= 0) {
                buffer.flip().position(end + BLANK.length());
                return text.substring(0, end);
            }
            if (!buffer.hasRemaining()) {
                throw new Denied(
                        431, "a request's head has at most %d bytes".formatted(buffer.capacity()));
            }
            if (from.read(buffer) < 0) {
                throw new IOException("ended before its head did");
            }
        }
    }

    static void write(SocketChannel to, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }
}
