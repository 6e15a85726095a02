package mews.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import mews.base.Json;
import tools.jackson.core.JacksonException;

/// The value of `--input`: JSON, `@file`, or `-` for standard input.
final class Input {
    private Input() {}

    /// @return the text as it was given; only checked, never rewritten
    static byte[] read(String given) throws IOException {
        byte[] text;
        if (given.equals("-")) {
            text = System.in.readAllBytes();
        } else if (given.startsWith("@")) {
            Path file = Path.of(given.substring(1));
            try {
                text = Files.readAllBytes(file);
            } catch (IOException e) {
                throw Failure.badInput("--input: cannot read %s", file.toAbsolutePath());
            }
        } else {
            text = given.getBytes(StandardCharsets.UTF_8);
        }
        try {
            Json.MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw Failure.badInput(
                    "--input is not JSON: %s (write {\"name\": \"value\"}, @file.json or -)",
                    e.getOriginalMessage());
        }
        return text;
    }
}
