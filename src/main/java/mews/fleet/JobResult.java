package mews.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import mews.model.StopReason;
import org.jspecify.annotations.Nullable;

/// Hands the end of a function to whoever waits for it, exactly once. Used by one thread.
///
/// A result is held until the process is gone: then all that it printed has been read, and the one
/// who waits sees the lines before the result.
final class JobResult {
    private static final long LARGEST = 1L << 30;

    private final @Nullable JobListener listener;
    private JobListener.@Nullable Outcome outcome;

    /// @param listener null if nobody wants a result
    JobResult(@Nullable JobListener listener) {
        this.listener = listener;
    }

    boolean wanted() {
        return listener != null;
    }

    /// @param file where a large result is
    /// @throws IOException if it is there but cannot be taken, saying why
    void hold(Message.Result result, Path file) throws IOException {
        byte[] definition = result.definition();
        outcome =
                new JobListener.Outcome(
                        result.method(),
                        definition == null ? read(file) : definition,
                        result.raised(),
                        result.traceback());
    }

    /// The process is gone.
    ///
    /// @param reason told if no result is held
    void tell(StopReason reason) {
        JobListener waiting = listener;
        JobListener.Outcome held = outcome;
        if (waiting != null) {
            // The one who waits may take its time to send it on.
            Thread.ofVirtual()
                    .name("job-result")
                    .start(() -> {
                        if (held == null) {
                            waiting.failed(reason);
                        } else {
                            waiting.finished(held);
                        }
                    });
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
