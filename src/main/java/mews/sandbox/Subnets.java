package mews.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// This host's own addresses, and which are free for runners.
final class Subnets {
    /// Shared address space: never on the internet, rarely in use at home. protocol: RFC 6598
    private static final String PLACE = "100.%d.0.0/16";

    private static final int FIRST = 64;
    private static final int COUNT = 64;

    private Subnets() {}

    /// @param seed where to look first, so that a server mostly keeps its subnet
    /// @return second byte of a free `/16`
    /// @throws IOException if none is
    static int free(int seed) throws IOException {
        List<String> taken = addresses();
        for (int i = 0; i < COUNT; i++) {
            int second = FIRST + Math.floorMod(seed + i, COUNT);
            String prefix = "100." + second + ".";
            if (taken.stream().noneMatch(address -> address.startsWith(prefix))) {
                return second;
            }
        }
        throw new IOException("no network is free in 100.64.0.0/10");
    }

    static String of(int second) {
        return PLACE.formatted(second);
    }

    /// The two ends of the point-to-point network with that number, up to 16383.
    static String hostEnd(int second, int number) {
        return end(second, number, 1);
    }

    static String runnerEnd(int second, int number) {
        return end(second, number, 2);
    }

    /// IPv4 networks this host is directly connected to, loopback excepted.
    static List<String> neighbours() {
        List<String> networks = new ArrayList<>();
        for (NetworkInterface each : interfaces()) {
            for (InterfaceAddress address : each.getInterfaceAddresses()) {
                boolean ours = each.getName().startsWith(EgressRules.ANY_INTERFACE);
                if (address.getAddress() instanceof Inet4Address ip
                        && !ip.isLoopbackAddress()
                        && !ours) {
                    networks.add(ip.getHostAddress() + "/" + address.getNetworkPrefixLength());
                }
            }
        }
        return networks;
    }

    /// Interfaces that lead to the internet.
    static List<String> uplinks() {
        try {
            // Columns: name, destination, gateway, …; destination 0 is the default route.
            return Files.readAllLines(Path.of("/proc/net/route")).stream()
                    .map(line -> line.split("\\s+"))
                    .filter(columns -> columns.length > 1 && columns[1].equals("00000000"))
                    .map(columns -> columns[0])
                    .distinct()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /// Largest packet that passes all uplinks.
    static int mtu() {
        int mtu = 1500;
        for (String uplink : uplinks()) {
            try {
                mtu = Math.min(mtu, NetworkInterface.getByName(uplink).getMTU());
            } catch (SocketException e) {
                // It went away.
            }
        }
        return mtu;
    }

    private static String end(int second, int number, int host) {
        return "100.%d.%d.%d".formatted(second, number / 64, number % 64 * 4 + host);
    }

    private static List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        for (NetworkInterface each : interfaces()) {
            each.getInterfaceAddresses()
                    .forEach(address -> addresses.add(address.getAddress().getHostAddress()));
        }
        return addresses;
    }

    private static List<NetworkInterface> interfaces() {
        try {
            return NetworkInterface.networkInterfaces().toList();
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Network devices of this host whose names begin so.
    static List<String> devices(String prefix) {
        try (Stream<Path> all = Files.list(Path.of("/sys/class/net"))) {
            return all.map(device -> device.getFileName().toString())
                    .filter(name -> name.startsWith(prefix))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
