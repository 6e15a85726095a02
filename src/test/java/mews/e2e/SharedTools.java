package mews.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mews.base.Folders;

/// What a state folder keeps under `tools`, handed from one test class to the next by hard links:
/// tools of fixed versions, which each home would otherwise fetch and unpack again. Tests of a
/// first start have nothing from here.
final class SharedTools {
    private static final Path SHARED = Shell.CHECKOUT.resolve("target/e2e-tools");
    private static final Pattern WHOLE = Pattern.compile("(fal|postgres)-.*|uv-[0-9].*");

    private SharedTools() {}

    static void lendTo(Path home) {
        Path tools = home.resolve("tools");
        if (Files.exists(SHARED) && !copied(SHARED, tools)) {
            forget(tools);
        }
    }

    static void keepFrom(Path home) {
        Path tools = home.resolve("tools");
        if (Files.exists(SHARED) || tools(tools).noneMatch(name -> name.startsWith("fal-"))) {
            return;
        }
        Path mine = SHARED.resolveSibling("e2e-tools-" + ProcessHandle.current().pid());
        boolean whole =
                tools(tools)
                        .filter(name -> WHOLE.matcher(name).matches())
                        .allMatch(name -> copied(tools.resolve(name), mine.resolve(name)));
        try {
            if (whole) {
                Files.move(mine, SHARED);
            }
        } catch (IOException e) {
            // Another test process was first.
        } finally {
            forget(mine);
        }
    }

    private static void forget(Path folder) {
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> tools(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(each -> each.getFileName().toString()).toList().stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static boolean copied(Path from, Path to) {
        try {
            Files.createDirectories(to.resolveSibling(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = List.of("cp", "-al", from.toString(), to.toString());
        return Shell.plain().run(command.toArray(String[]::new)).exitCode() == 0;
    }
}
