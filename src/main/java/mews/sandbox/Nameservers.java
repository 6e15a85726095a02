package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Whom this host asks for names.
final class Nameservers {
    private static final Path OWN = Path.of("/etc/resolv.conf");

    /// The servers behind systemd's local stub.
    private static final Path BEHIND_STUB = Path.of("/run/systemd/resolve/resolv.conf");

    private Nameservers() {}

    /// Those that can be reached from another network namespace; IPv4 only.
    static List<String> reachable() {
        List<String> own = parse(read(OWN)).filter(Nameservers::remote).toList();
        return own.isEmpty() ? parse(read(BEHIND_STUB)).filter(Nameservers::remote).toList() : own;
    }

    /// The local one that `reachable` leaves out.
    static String local() {
        return parse(read(OWN)).findFirst().orElse("127.0.0.1");
    }

    static Stream<String> parse(String resolvConf) {
        return resolvConf
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 1 && words[0].equals("nameserver"))
                .map(words -> words[1]);
    }

    private static boolean remote(String address) {
        return address.matches("[0-9.]+") && !address.startsWith("127.");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
