package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import mews.model.Refusal;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FormFileTest {
    private static final String TYPE = "multipart/form-data; boundary=\"b-b\"";

    /// Bytes of which boundaries are made, so that contents come close to them.
    @Provide
    Arbitrary<byte[]> contents() {
        return Arbitraries.bytes()
                .filter(b -> "\r\n-bx".indexOf(b) >= 0)
                .array(byte[].class)
                .ofMaxSize(60)
                .filter(bytes -> !text(bytes).contains("\r\n--b-b"));
    }

    @Property
    void theFileArrivesAsItWasHoweverItIsRead(
            @ForAll("contents") byte[] content, @ForAll @IntRange(min = 1, max = 9) int step)
            throws IOException {
        InputStream body = new Trickle(form("file_upload", content), step);

        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (InputStream file = FormFile.open(body, TYPE, "file_upload")) {
            byte[] buffer = new byte[step];
            for (int count = file.read(buffer); count >= 0; count = file.read(buffer)) {
                read.write(buffer, 0, count);
            }
        }

        assertThat(read.toByteArray()).isEqualTo(content);
    }

    @Test
    void aFormWithoutTheFieldOrWithoutItsEndIsRefused() {
        byte[] other = form("other", new byte[] {1});
        byte[] cut = form("file_upload", new byte[100]);

        assertThatThrownBy(() -> FormFile.open(in(other), TYPE, "file_upload"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("no file field 'file_upload'");
        assertThatThrownBy(() ->
                        FormFile.open(
                                        in(java.util.Arrays.copyOf(cut, cut.length - 20)),
                                        TYPE,
                                        "file_upload")
                                .readAllBytes())
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> FormFile.open(in(other), "text/plain", "file_upload"))
                .isInstanceOf(Refusal.class);
    }

    private static byte[] form(String field, byte[] content) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(
                ("preamble\r\n--b-b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b-b\r\n"
                                + "content-disposition: form-data; name=\"%s\"; filename=\"x\"\r\n\r\n")
                        .formatted(field)
                        .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(content);
        form.writeBytes("\r\n--b-b--\r\n".getBytes(StandardCharsets.UTF_8));
        return form.toByteArray();
    }

    private static InputStream in(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// Gives few bytes at a time, as a network may.
    private static final class Trickle extends InputStream {
        private final InputStream in;
        private final int step;

        Trickle(byte[] bytes, int step) {
            this.in = new ByteArrayInputStream(bytes);
            this.step = step;
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return in.read(into, offset, Math.min(length, step));
        }
    }
}
