package mews.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Texts that are packed with this program, such as programs in other languages.
public final class Resources {
    private Resources() {}

    /// @param name below `mews/`, such as `sandbox/stage.py`
    /// @throws IllegalStateException if this program was packed without it
    public static String text(String name) {
        try (InputStream in = Resources.class.getResourceAsStream("/mews/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from this program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read", e);
        }
    }
}
