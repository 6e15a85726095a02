package mews.cli;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mews.base.Home;

/// Brings up a server of this machine's own when a command needs one and none runs. It is a process
/// apart, shared by later commands, and ends soon after the last of them.
final class LocalServer {
    static final String WHILE_USED = "--while-used";

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final int LAST_WORDS = 15;

    private final Home home;
    private final ServerFinder finder;
    private final Progress progress;

    LocalServer(Home home, ServerFinder finder, Progress progress) {
        this.home = home;
        this.finder = finder;
        this.progress = progress;
    }

    /// Of several commands at once, one starts it and the others find it.
    ServerAddress findOrStart() throws IOException {
        Optional<ServerAddress> there = finder.find(null);
        if (there.isPresent()) {
            return there.get();
        }
        progress.step("starting a server in " + home.root());
        Files.createDirectories(home.logs());
        try (FileChannel channel =
                        FileChannel.open(
                                home.root().resolve("start.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            there = finder.find(null);
            return there.isPresent() ? there.get() : start();
        }
    }

    private ServerAddress start() throws IOException {
        Path log = home.logs().resolve("server.log");
        Process process =
                new ProcessBuilder(command())
                        .directory(home.root().toFile())
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<ServerAddress> there = finder.find(null);
            if (there.isPresent()) {
                return there.get();
            }
            if (ended(process)) {
                throw Failure.failed(
                        "the server ended with %d while it started; its last lines, of %s:%n%s",
                        process.exitValue(), log, lastLines(log));
            }
        }
        process.destroy();
        throw Failure.failed(
                "the server did not come up within %d s; its last lines, of %s:%n%s",
                PATIENCE.toSeconds(), log, lastLines(log));
    }

    /// In a session of its own, so that Ctrl-C for this command does not end it for the others.
    private static List<String> command() {
        String launcher = System.getProperty("mews.launcher");
        if (launcher == null) {
            throw Failure.failed(
                    "no server runs here, and only the 'mews' script can start one: run 'mews serve'");
        }
        List<String> command = new ArrayList<>();
        if (Stream.of("/usr/bin/setsid", "/bin/setsid")
                .anyMatch(each -> new File(each).canExecute())) {
            command.add("setsid");
        }
        command.addAll(List.of(launcher, "serve", WHILE_USED));
        return command;
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
                    && process.exitValue() != 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.INTERRUPTED, "interrupted");
        }
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join(
                "\n", lines.subList(Math.max(0, lines.size() - LAST_WORDS), lines.size()));
    }
}
