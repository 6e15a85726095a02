package mews.gateway;

import io.vertx.core.buffer.Buffer;

/// Where one websocket frame of a stream of bytes ends and the next begins. It reads no more than
/// their headers. Not thread-safe.
final class FrameEdge {
    private static final int SHORT_HEADER = 2;
    private static final int MASK_KEY = 4;

    /// Bytes of the present frame's header so far, and how many of them tell its length.
    private int seen;

    private int lengthBytes;
    private int headerBytes = SHORT_HEADER;

    /// Bytes of the present frame's payload that are still to come.
    private long left;

    /// Whether what was passed ends with a whole frame, or nothing was passed yet.
    boolean between() {
        return seen == 0;
    }

    /// @param toEdge stop at the first end of a frame
    /// @return how many of the bytes were passed
    int pass(Buffer bytes, boolean toEdge) {
        int at = 0;
        while (at < bytes.length()) {
            if (seen < headerBytes) {
                header(bytes.getByte(at) & 0xff);
                at++;
            } else {
                int part = (int) Math.min(left, bytes.length() - at);
                left -= part;
                at += part;
            }
            if (seen == headerBytes && left == 0) {
                seen = 0;
                headerBytes = SHORT_HEADER;
                if (toEdge) {
                    return at;
                }
            }
        }
        return at;
    }

    private void header(int value) {
        seen++;
        if (seen == SHORT_HEADER) {
            int length = value & 0x7f;
            lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0;
            headerBytes = SHORT_HEADER + lengthBytes + ((value & 0x80) == 0 ? 0 : MASK_KEY);
            left = lengthBytes == 0 ? length : 0;
        } else if (seen > SHORT_HEADER && seen <= SHORT_HEADER + lengthBytes) {
            left = (left << 8 | value) & Long.MAX_VALUE;
        }
    }
}
