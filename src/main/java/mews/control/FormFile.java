package mews.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The bytes of one file field of a multipart/form-data body, read as they arrive. Fields before it
/// are skipped. protocol: control 3.4
final class FormFile extends InputStream {
    private static final Pattern BOUNDARY =
            Pattern.compile("boundary=(?:\"([^\"\\r]{1,70})\"|([^\\s;\"]{1,70}))");
    private static final Pattern NAME = Pattern.compile("[;\\s]name=(?:\"([^\"]*)\"|([^;\\s]+))");
    private static final int LONGEST_LINE = 8192;

    private final InputStream in;

    /// What ends a part. Its only carriage return is the first byte.
    private final byte[] mark;

    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int limit;
    private boolean partEnded;

    private FormFile(InputStream in, byte[] mark) {
        this.in = in;
        this.mark = mark;
    }

    /// @param contentType of the whole body
    /// @param field name of the field that carries the file
    /// @throws mews.model.Refusal if there is no such field
    static FormFile open(InputStream body, @Nullable String contentType, String field)
            throws IOException {
        String type = contentType == null ? "" : contentType.strip();
        Matcher matcher = BOUNDARY.matcher(type);
        if (!type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data") || !matcher.find()) {
            throw Exchange.invalid(
                    "the body must be multipart/form-data with a file field '%s'".formatted(field));
        }
        String boundary = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        FormFile form =
                new FormFile(body, ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1));
        form.toField("--" + boundary, field);
        return form;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (partEnded) {
            return -1;
        }
        if (length == 0) {
            return 0;
        }
        need(1);
        if (buffer[position] == '\r') {
            need(mark.length);
            if (Arrays.equals(buffer, position, position + mark.length, mark, 0, mark.length)) {
                position += mark.length;
                partEnded = true;
                return -1;
            }
            into[offset] = buffer[position++];
            return 1;
        }
        int end = position;
        int most = Math.min(limit, position + length);
        while (end < most && buffer[end] != '\r') {
            end++;
        }
        int count = end - position;
        System.arraycopy(buffer, position, into, offset, count);
        position = end;
        return count;
    }

    private void toField(String boundary, String field) throws IOException {
        String line = line();
        while (!line.equals(boundary)) {
            line = line();
        }
        while (!field.equals(fieldName())) {
            transferTo(OutputStream.nullOutputStream());
            partEnded = false;
            if (line().startsWith("--")) {
                throw Exchange.invalid("the form has no file field '%s'".formatted(field));
            }
        }
    }

    private @Nullable String fieldName() throws IOException {
        String name = null;
        for (String line = line(); !line.isEmpty(); line = line()) {
            Matcher matcher = NAME.matcher(line);
            if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")
                    && matcher.find()) {
                name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            }
        }
        return name;
    }

    private String line() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (true) {
            need(1);
            byte next = buffer[position++];
            if (next == '\n') {
                return bytes.toString(StandardCharsets.UTF_8).stripTrailing();
            }
            bytes.write(next);
            if (bytes.size() > LONGEST_LINE) {
                throw Exchange.invalid("a header line of the form is too long");
            }
        }
    }

    /// Makes at least `count` bytes readable.
    private void need(int count) throws IOException {
        if (limit - position >= count) {
            return;
        }
        System.arraycopy(buffer, position, buffer, 0, limit - position);
        limit -= position;
        position = 0;
        while (limit < count) {
            int read = in.read(buffer, limit, buffer.length - limit);
            if (read < 0) {
                throw Exchange.invalid("the form ends before its last boundary");
            }
            limit += read;
        }
    }
}
