package mews.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.base.Folders;

/// An egress proxy for a program that brings its own isolation otherwise. Show it both folders,
/// start its command behind `carrier`, and give it back by closing.
public final class ProxyLease implements AutoCloseable {
    private final EgressProxy proxy;
    private final Path room;
    private final Path forwarder;

    ProxyLease(EgressProxy proxy, Path room, Path forwarder) {
        this.proxy = proxy;
        this.room = room;
        this.forwarder = forwarder;
    }

    /// Folder of the proxy's socket, to be shown inside.
    public Path socket() {
        return EgressDesk.socket(room).resolveSibling("");
    }

    /// Folder of what carries connections inside, to be shown there.
    public Path forwarder() {
        return forwarder;
    }

    /// Words to put before a command inside, after the Python that runs them.
    ///
    /// @param inside where `forwarder` is seen
    public static List<String> carrier(String inside) {
        return List.of("-I", "-S", "-B", inside + "/" + EgressDesk.FORWARDER);
    }

    /// What the command must be told.
    ///
    /// @param inside where `socket` is seen
    public static Map<String, String> variables(String inside) {
        return EgressDesk.variables(inside + "/s");
    }

    @Override
    public void close() {
        proxy.close();
        try {
            Folders.delete(room);
        } catch (IOException e) {
            throw new UncheckedIOException("the folder of a proxy is left", e);
        }
    }
}
