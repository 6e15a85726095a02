package mews.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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

    /// Words to put before a command that is in the network of those who are to use the proxy: they
    /// need see neither folder then.
    ///
    /// @param python runs what carries
    public List<String> carryHere(Path python) {
        List<String> line = new ArrayList<>(List.of("/usr/bin/env"));
        line.add(EgressDesk.VARIABLE + "=" + socket().resolve("s"));
        line.add(python.toString());
        line.addAll(carrier(forwarder.toString()));
        return line;
    }

    /// What those must be told for whom connections are carried by others.
    public static Map<String, String> carriedVariables() {
        Map<String, String> variables = new HashMap<>(variables(""));
        variables.remove(EgressDesk.VARIABLE);
        return variables;
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
