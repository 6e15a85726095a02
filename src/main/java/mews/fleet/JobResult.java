package mews.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Consumer;
import mews.model.StopReason;
import org.jspecify.annotations.Nullable;

/// Hands the end of a function to whoever waits for it, exactly once. Used by one thread.
final class JobResult {
    private static final long LARGEST = 1L << 30;

    private final @Nullable JobListener listener;
    private boolean told;

    /// @param listener null if nobody wants a result
    JobResult(@Nullable JobListener listener) {
        this.listener = listener;
    }

    boolean wanted() {
        return listener != null;
    }

    /// @param file where a large result is
    /// @throws IOException if it is there but cannot be taken, saying why
    void finished(Message.Result result, Path file) throws IOException {
        byte[] definition = result.definition();
        byte[] bytes = definition == null ? read(file) : definition;
        tell(waiting ->
                waiting.finished(
                        new JobListener.Outcome(
                                result.method(), bytes, result.raised(), result.traceback())));
    }

    /// Does nothing if the result was told before.
    void failed(StopReason reason) {
        tell(waiting -> waiting.failed(reason));
    }

    private void tell(Consumer<JobListener> news) {
        JobListener waiting = listener;
        if (waiting != null && !told) {
            told = true;
            // The one who waits may take its time to send it on.
            Thread.ofVirtual().name("job-result").start(() -> news.accept(waiting));
        }
    }

    /// The sandbox may write into that folder, so that the file may be anything.
    private static byte[] read(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("there is no file that holds it");
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes((int) LARGEST);
            if (bytes.length == LARGEST) {
                throw new IOException("it has more than %d bytes".formatted(LARGEST));
            }
            return bytes;
        }
    }
}
