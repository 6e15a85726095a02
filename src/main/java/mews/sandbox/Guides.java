package mews.sandbox;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Those who stand for forks of warm parents on this host, each a fork of one process of ours: to
/// start a program for each takes longer than all that it does. Thread-safe.
final class Guides {
    private static final String SOCKET = "guide.sock";

    private final Starter starter;
    private final Path folder;
    private @Nullable Process first;

    /// @param folder for programs of this server
    Guides(Starter starter, Path folder) {
        this.starter = starter;
        this.folder = folder;
    }

    /// Has a parent fork.
    ///
    /// @param python runs the guides; only the first of them counts
    /// @return the guide, which ends with the fork and with its code
    Process stand(Path python, GuidedProcess.Task task) throws IOException {
        SocketChannel guide = connect(python);
        try {
            return GuidedProcess.of(guide, task);
        } catch (IOException | RuntimeException e) {
            guide.close();
            throw e;
        }
    }

    private SocketChannel connect(Path python) throws IOException {
        Process asked = listening(python);
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(SOCKET)));
        } catch (IOException e) {
            // It died a moment ago, and the next one is better.
            asked.destroyForcibly();
            listening(python);
            return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(SOCKET)));
        }
    }

    private synchronized Process listening(Path python) throws IOException {
        Process now = first;
        if (now == null || !now.isAlive()) {
            now = start(python);
            first = now;
        }
        return now;
    }

    private Process start(Path python) throws IOException {
        Programs.write(folder, "pair.py");
        Path script = Programs.write(folder, "guide.py");
        Path socket = folder.resolve(SOCKET);
        Files.deleteIfExists(socket);
        List<String> line =
                List.of(
                        python.toString(),
                        "-I",
                        "-S",
                        "-B",
                        script.toString(),
                        socket.toString(),
                        Long.toString(ProcessHandle.current().pid()));
        Process started = starter.start(line, BubblewrapSandbox.LAUNCH_ENVIRONMENT, null);
        // It says something once it listens, and nothing after that.
        if (started.getInputStream().read() < 0) {
            String said = new String(started.getErrorStream().readNBytes(2000));
            throw new IOException("the guide of forks does not run: " + said.strip());
        }
        return started;
    }
}
