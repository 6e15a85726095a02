package mews.sandbox;

import java.io.IOException;

/// Starts processes apart from this host as far as it allows, each tied to this server's life: when
/// the server goes, however it goes, they go. Thread-safe.
public interface Sandbox {
    /// Starts it; stdin, stdout and stderr are pipes.
    ///
    /// @throws IOException with the reason if it cannot be started
    SandboxProcess start(SandboxSpec spec) throws IOException;

    /// What a started process is kept from, in a few words, `no isolation` if nothing.
    String isolation();

    /// Whether processes have a mount namespace of their own, so that `Bind.inside` may differ from
    /// `Bind.host`.
    boolean separateFiles();

    /// Whether processes have a network of their own, so that two may listen on the same port.
    boolean separateNetwork();
}
