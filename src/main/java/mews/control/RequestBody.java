package mews.control;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of a request that an event loop receives, read by another thread; the sender is held
/// back while the reader is slow.
final class RequestBody extends InputStream {
    private static final int CHUNKS_AHEAD = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private sealed interface Piece {
        record Chunk(Buffer bytes) implements Piece {}

        record End() implements Piece {}

        record Broken(String why) implements Piece {}
    }

    private final HttpServerRequest request;
    private final Context loop;
    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private byte @Nullable [] current;
    private int position;
    private boolean started;
    private boolean ended;

    /// @param request paused
    RequestBody(HttpServerRequest request, Context loop) {
        this.request = request;
        this.loop = loop;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        byte[] bytes = current;
        while (bytes == null || position == bytes.length) {
            if (!next()) {
                return -1;
            }
            bytes = current;
        }
        int count = Math.min(length, bytes.length - position);
        System.arraycopy(bytes, position, into, offset, count);
        position += count;
        return count;
    }

    private boolean next() throws IOException {
        if (ended) {
            return false;
        }
        if (!started) {
            started = true;
            loop.runOnContext(ignored -> begin());
        }
        switch (take()) {
            case Piece.Chunk(Buffer bytes) -> {
                current = bytes.getBytes();
                position = 0;
                loop.runOnContext(ignored -> more());
                return true;
            }
            case Piece.End() -> {
                ended = true;
                return false;
            }
            case Piece.Broken(String why) -> throw new IOException(why);
        }
    }

    private void more() {
        if (!request.isEnded()) {
            request.fetch(1);
        }
    }

    private void begin() {
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            request.response().writeContinue();
        }
        request.exceptionHandler(
                failure -> pieces.add(new Piece.Broken("the upload broke off: " + failure)));
        request.endHandler(ignored -> pieces.add(new Piece.End()));
        request.handler(bytes -> pieces.add(new Piece.Chunk(bytes)));
        request.fetch(CHUNKS_AHEAD);
    }

    private Piece take() throws IOException {
        try {
            Piece piece = pieces.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (piece == null) {
                throw new IOException(
                        "nothing of the upload arrived for %d s".formatted(PATIENCE.toSeconds()));
            }
            return piece;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }
}
