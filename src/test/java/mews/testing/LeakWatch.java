package mews.testing;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import mews.host.Command;

/// Looks for secrets where somebody else could: in what processes show while work is done, and in
/// files.
public final class LeakWatch {
    private final Set<String> forms = new LinkedHashSet<>();
    private final Set<String> seen = new ConcurrentSkipListSet<>();
    private final Path folder;
    private final Path patterns;

    /// @param folder with all below it
    public LeakWatch(Path folder, List<String> secrets) throws IOException {
        this.folder = folder;
        for (String secret : secrets) {
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            forms.add(secret);
            forms.add(encoded(secret));
            forms.add(Base64.getEncoder().encodeToString(bytes));
            forms.add(HexFormat.of().formatHex(bytes));
        }
        patterns = Files.createTempFile("leaks-", "");
        Files.writeString(patterns, String.join("\n", forms));
    }

    public static String encoded(String secret) {
        return URLEncoder.encode(secret, StandardCharsets.UTF_8);
    }

    /// Each secret in every encoding that work may have seen.
    public Set<String> forms() {
        return forms;
    }

    /// What processes showed while work was done.
    public Set<String> seen() {
        return seen;
    }

    /// Looks at all processes again and again until it is done.
    public <T> T during(Callable<T> work) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread eye = Thread.ofPlatform().start(() -> look(done));
        try {
            return work.call();
        } finally {
            done.set(true);
            eye.join();
        }
    }

    /// Files that hold one.
    public List<String> inFiles() {
        return Command.run(
                        Duration.ofMinutes(2),
                        "grep",
                        "--recursive",
                        "--text",
                        "--fixed-strings",
                        "--files-with-matches",
                        "--no-messages",
                        "--devices=skip",
                        "--file=" + patterns,
                        folder.toString())
                .out()
                .lines()
                .toList();
    }

    private void look(AtomicBoolean done) {
        while (!done.get()) {
            lookAtProcesses();
        }
    }

    private void lookAtProcesses() {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .forEach(path -> {
                        lookAt(path.resolve("cmdline"));
                        lookAt(path.resolve("environ"));
                    });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void lookAt(Path file) {
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            forms.stream().filter(text::contains).forEach(it -> seen.add(file + " " + text));
        } catch (IOException e) {
            // It has ended.
        }
    }
}
