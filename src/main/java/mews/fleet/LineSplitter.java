package mews.fleet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Cuts a byte stream into lines of bounded length. A carriage return ends a line too, so that
/// progress bars show up, and so does the mark of a labelled line, which may follow half a line
/// that C code wrote.
final class LineSplitter {
    static final char LABELLED = 0x1e;
    private static final int LONGEST_CHARACTER = 4;

    /// A labelled message as long as a line may be has labels and escapes around it.
    private static final int LABELS = 8;

    private final int longest;
    private final Consumer<String> lines;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean labelled;

    /// @param longest most bytes of one line; longer ones are split
    /// @param lines gets every line that is not empty; a labelled one begins with its mark
    LineSplitter(int longest, Consumer<String> lines) {
        this.longest = longest;
        this.lines = lines;
    }

    void take(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            byte next = bytes[i];
            if (next == '\n' || next == '\r') {
                flush();
                continue;
            }
            if (next == LABELLED) {
                flush();
                labelled = true;
            } else if (line.size() >= limit() && fitToCut(next)) {
                flush();
            }
            line.write(next);
        }
    }

    /// Ends the line that has begun, if any.
    void flush() {
        if (line.size() > 0) {
            String text = line.toString(StandardCharsets.UTF_8);
            line.reset();
            labelled = false;
            lines.accept(text);
        }
    }

    private int limit() {
        return labelled ? longest * LABELS : longest;
    }

    /// Not inside a character of several bytes; but a stream that has no characters is cut as well.
    private boolean fitToCut(byte next) {
        return (next & 0xc0) != 0x80 || line.size() >= limit() + LONGEST_CHARACTER;
    }
}
