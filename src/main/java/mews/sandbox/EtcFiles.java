package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import mews.sandbox.SandboxSpec.Network;

/// The few files of `/etc` that must differ from the host's.
final class EtcFiles {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    private EtcFiles() {}

    /// @param nameservers for `EGRESS`; addresses that are reachable from inside
    static void write(Path folder, SandboxSpec spec, int uid, List<String> nameservers)
            throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("hostname"), spec.name() + "\n");
        String home = spec.environment().getOrDefault("HOME", "/tmp");
        Files.writeString(
                folder.resolve("passwd"),
                """
                root:x:0:0:root:/:/usr/sbin/nologin
                mews:x:%d:%d:mews:%s:/bin/sh
                nobody:x:65534:65534:nobody:/:/usr/sbin/nologin
                """
                        .formatted(uid, uid, home.replaceAll("[:\n]", "_")));
        Files.writeString(
                folder.resolve("group"),
                "root:x:0:\nmews:x:%d:\nnogroup:x:65534:\n".formatted(uid));
        Files.writeString(
                folder.resolve("nsswitch.conf"),
                "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n");
        writeOwn(folder, spec, nameservers);
    }

    /// What is a fork's own; it has the rest from its parent.
    ///
    /// @param nameservers as above
    static void writeOwn(Path folder, SandboxSpec spec, List<String> nameservers)
            throws IOException {
        Files.createDirectories(folder);
        boolean host = spec.network() == Network.HOST;
        Files.writeString(
                folder.resolve("hosts"),
                names(spec.hosts()) + (host ? read("hosts") : own(spec.name())));
        Files.writeString(
                folder.resolve("resolv.conf"),
                switch (spec.network()) {
                    case HOST -> read("resolv.conf");
                    case EGRESS -> resolver(nameservers);
                    case NONE, PROXY -> "";
                });
    }

    /// The first entry of a name counts, so these come first.
    private static String names(Map<String, String> hosts) {
        return new TreeMap<>(hosts)
                .entrySet().stream()
                        .filter(entry -> NAME.matcher(entry.getKey()).matches())
                        .map(entry -> entry.getValue() + " " + entry.getKey() + "\n")
                        .collect(Collectors.joining());
    }

    private static String own(String name) {
        return "127.0.0.1 localhost %s\n::1 localhost\n".formatted(name);
    }

    private static String resolver(List<String> nameservers) {
        return nameservers.stream()
                .map(address -> "nameserver " + address + "\n")
                .collect(Collectors.joining());
    }

    private static String read(String name) {
        try {
            return Files.readString(Path.of("/etc", name));
        } catch (IOException e) {
            return "";
        }
    }
}
