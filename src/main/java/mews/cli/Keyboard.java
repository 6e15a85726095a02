package mews.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The terminal on standard input, handed over key by key while this is open. By `stty`, since Java
/// has no word for it.
final class Keyboard implements AutoCloseable {
    record Size(int rows, int columns) {}

    private final String before;
    private final Thread hook = new Thread(this::restore);

    private Keyboard(String before) {
        this.before = before;
    }

    /// @return null if standard input is no terminal
    static @Nullable Keyboard takeOver() throws IOException {
        String before = stty("-g");
        if (before == null) {
            return null;
        }
        Keyboard keyboard = new Keyboard(before);
        Runtime.getRuntime().addShutdownHook(keyboard.hook);
        stty("raw", "-echo");
        return keyboard;
    }

    /// @return null if it cannot be told
    static @Nullable Size size() throws IOException {
        String told = stty("size");
        if (told == null || !told.matches("\\d+ \\d+")) {
            return null;
        }
        String[] numbers = told.split(" ");
        return new Size(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endingAlready) {
            // Then it runs, to no effect.
        }
    }

    private void restore() {
        try {
            stty(before);
        } catch (IOException e) {
            // The terminal is gone.
        }
    }

    private static @Nullable String stty(String... words) throws IOException {
        String[] line = new String[words.length + 1];
        line[0] = "stty";
        System.arraycopy(words, 0, line, 1, words.length);
        Process process =
                new ProcessBuilder(line)
                        .redirectInput(ProcessBuilder.Redirect.INHERIT)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            String told =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? told.strip() : null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
