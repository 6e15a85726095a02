package mews.sandbox;

import java.util.List;

/// A network namespace with a way to the internet and none to this host, for a program that brings
/// its own isolation otherwise. Give it back by closing, once nothing runs in there.
public final class NetworkLease implements AutoCloseable {
    private final Egress.Passage passage;

    NetworkLease(Egress.Passage passage) {
        this.passage = passage;
    }

    /// Words to put before a command so that it starts in there.
    public List<String> enter() {
        return passage.enter();
    }

    /// Who answers name queries in there.
    public List<String> nameservers() {
        return passage.nameservers();
    }

    @Override
    public void close() {
        passage.close();
    }
}
