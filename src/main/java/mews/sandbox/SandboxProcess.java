package mews.sandbox;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/// A process in a sandbox, with all its children.
public interface SandboxProcess extends AutoCloseable {
    /// @param code exit code; 128 + signal if it was killed
    /// @param outOfMemory whether it was killed for exceeding its memory limit
    record Exit(int code, boolean outOfMemory) {}

    /// Of the outermost process on this host.
    long pid();

    /// The process ends itself when this is closed: keep it open.
    OutputStream stdin();

    InputStream stdout();

    InputStream stderr();

    CompletableFuture<Exit> exit();

    /// Memory that it takes, in bytes, what it shares with others counted in part; forks of it do
    /// not count.
    long memoryBytes();

    /// SIGTERM to the process itself.
    void terminate();

    /// SIGKILL to it and all its children.
    void kill();

    /// Kills what is left and gives back cgroup, mounts and network. Safe to call twice.
    @Override
    void close();
}
