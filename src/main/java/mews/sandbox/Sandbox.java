package mews.sandbox;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Starts processes apart from this host as far as it allows, each tied to this server's life: when
/// the server goes, however it goes, they go. Thread-safe.
public interface Sandbox {
    /// Starts it; stdin, stdout and stderr are pipes.
    ///
    /// @throws IOException with the reason if it cannot be started
    SandboxProcess start(SandboxSpec spec) throws IOException;

    /// Starts another process in the network of a running one, which must be of this sandbox. It
    /// has files and process numbers of its own, and the egress proxy of the running one if there
    /// is one; `network` of its spec does not count.
    ///
    /// @throws IOException with the reason if it cannot be started
    default SandboxProcess startBeside(SandboxProcess running, SandboxSpec spec)
            throws IOException {
        throw new IOException("processes of this host share one network");
    }

    /// Why no process here can have the root file system of an image, and what to do about it;
    /// empty if it can.
    default String noRoots() {
        return "this host gives processes no files of their own; " + isolation();
    }

    /// Why no process here can be forked from another one; empty if it can.
    default String noForks() {
        return "this host gives processes no namespaces of their own";
    }

    /// Starts a process that can be forked into sandboxes of their own: what it may use, its forks
    /// may use, under the same user. It lives until its stdin is closed, even if the command of
    /// `spec` ended before; but if that ended before it could fork, it ends with it.
    ///
    /// @param spec what forks have but the network; it gets none itself
    /// @param nests folders of this host below which lie those of the forks; seen by the process,
    ///   not by its forks. They are not handed over, what is in them may be
    /// @param door path inside of the socket that the command makes once it can fork
    /// @throws IOException with the reason if it cannot be started
    default SandboxProcess startParent(SandboxSpec spec, List<Path> nests, String door)
            throws IOException {
        throw new IOException(noForks());
    }

    /// Has a parent fork. What is returned stands for the fork as for any process.
    ///
    /// @param spec as if it were started by itself; its command and environment are the parent's.
    ///   Folders that are not the parent's too lie in one of the nests
    /// @throws IOException with the reason if nobody can be asked
    default SandboxProcess fork(SandboxSpec spec, Lineage of) throws IOException {
        throw new IOException(noForks());
    }

    /// Runs one more command where a running process is, which must be of this sandbox: with its
    /// files, processes, network, user, limits and rights.
    ///
    /// @throws IOException with the reason if it cannot be started
    default Visit enter(SandboxProcess running, Visit.Wish wish) throws IOException {
        throw new IOException("no command can join a process of " + isolation());
    }

    /// @param parent as it was started
    /// @param nests as it was started with
    /// @param door socket at which it takes orders, under a name that it cannot change
    /// @param etc folder in a nest for files that are the fork's own
    /// @param interpreter of this host
    record Lineage(SandboxSpec parent, List<Path> nests, Path door, Path etc, Path interpreter) {}

    /// What a started process is kept from, in a few words, `no isolation` if nothing.
    String isolation();

    /// Whether processes have a mount namespace of their own, so that `Bind.inside` may differ from
    /// `Bind.host`.
    boolean separateFiles();

    /// Whether processes have a network of their own, so that two may listen on the same port.
    boolean separateNetwork();
}
