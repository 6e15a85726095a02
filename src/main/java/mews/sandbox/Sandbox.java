package mews.sandbox;

import java.io.IOException;

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

    /// What a started process is kept from, in a few words, `no isolation` if nothing.
    String isolation();

    /// Whether processes have a mount namespace of their own, so that `Bind.inside` may differ from
    /// `Bind.host`.
    boolean separateFiles();

    /// Whether processes have a network of their own, so that two may listen on the same port.
    boolean separateNetwork();
}
