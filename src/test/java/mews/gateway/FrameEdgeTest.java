package mews.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FrameEdgeTest {
    /// However the bytes come in pieces, masked or not, with lengths of each size.
    @Property(tries = 300)
    void findsEachEndOfAFrame(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 70_000) Integer> lengths,
            @ForAll boolean masked,
            @ForAll @IntRange(min = 1, max = 5_000) int piece) {
        Buffer all = Buffer.buffer();
        List<Integer> ends = new ArrayList<>();
        for (int length : lengths) {
            frame(all, length, masked);
            ends.add(all.length());
        }

        FrameEdge edge = new FrameEdge();
        List<Integer> found = new ArrayList<>();
        int at = 0;
        while (at < all.length()) {
            Buffer bytes = all.slice(at, Math.min(all.length(), at + piece));
            at += edge.pass(bytes, true);
            if (edge.between()) {
                found.add(at);
            }
        }
        FrameEdge whole = new FrameEdge();

        assertThat(found).isEqualTo(ends);
        assertThat(whole.pass(all, false)).isEqualTo(all.length());
        assertThat(whole.between()).isTrue();
        assertThat(whole.pass(all.slice(0, 1), false)).isEqualTo(1);
        assertThat(whole.between()).isFalse();
    }

    private static void frame(Buffer to, int length, boolean masked) {
        int mask = masked ? 0x80 : 0;
        to.appendByte((byte) 0x82);
        if (length < 126) {
            to.appendByte((byte) (mask | length));
        } else if (length < 65_536) {
            to.appendByte((byte) (mask | 126)).appendUnsignedShort(length);
        } else {
            to.appendByte((byte) (mask | 127)).appendLong(length);
        }
        if (masked) {
            to.appendInt(-1);
        }
        to.appendBytes(new byte[length]);
    }
}
