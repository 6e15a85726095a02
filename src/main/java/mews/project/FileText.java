package mews.project;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The text of a project file, or why there is none.
///
/// @param text absent if the file cannot be read or is too large; where bytes are no UTF-8, with
///   replacement characters, so that the rest is checked too
record FileText(@Nullable String text, List<Problem> problems) {
    static FileText read(Path file) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(Bound.FILE_BYTES + 1);
        } catch (IOException e) {
            return new FileText(
                    null,
                    List.of(
                            problem(
                                    "unreadable",
                                    1,
                                    1,
                                    "cannot read %s: %s".formatted(file, reason(file, e)),
                                    null)));
        }
        if (bytes.length > Bound.FILE_BYTES) {
            return new FileText(null, List.of(tooLarge(file)));
        }
        return decode(bytes);
    }

    private static Problem tooLarge(Path file) {
        long size;
        try {
            size = Files.size(file);
        } catch (IOException e) {
            size = Bound.FILE_BYTES + 1L;
        }
        return problem(
                "too_large",
                1,
                1,
                "%s has %,d bytes, at most %,d are read".formatted(file, size, Bound.FILE_BYTES),
                "move data out of the project file");
    }

    private static FileText decode(byte[] bytes) {
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        if (!decoder.decode(in, out, true).isError()) {
            return new FileText(out.flip().toString(), List.of());
        }
        String before = out.flip().toString();
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.length() - before.lastIndexOf('\n');
        return new FileText(
                new String(bytes, StandardCharsets.UTF_8),
                List.of(
                        problem(
                                "not_utf8",
                                line,
                                column,
                                "byte 0x%02x is not UTF-8".formatted(bytes[in.position()]),
                                "save the file as UTF-8")));
    }

    private static String reason(Path file, IOException e) {
        if (Files.isDirectory(file)) {
            return "it is a folder";
        }
        if (e instanceof NoSuchFileException) {
            return Files.isSymbolicLink(file) ? "the link leads nowhere" : "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private static Problem problem(
            String code, int line, int column, String message, @Nullable String suggestion) {
        return new Problem(Problem.Severity.ERROR, code, null, line, column, message, suggestion);
    }
}
