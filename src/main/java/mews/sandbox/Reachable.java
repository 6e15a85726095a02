package mews.sandbox;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.stream.Stream;

/// Which addresses are on the internet, told by the address alone.
final class Reachable {
    /// Teredo and 6to4 hold an IPv4 address that may be a private one.
    private static final List<String> PRIVATE_IPV6 =
            List.of("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    private static final List<Block> PRIVATE =
            Stream.of(EgressRules.PRIVATE, PRIVATE_IPV6)
                    .flatMap(List::stream)
                    .map(Block::parse)
                    .toList();

    private static final Block GLOBAL_IPV6 = Block.parse("2000::/3");

    /// A network, or one address.
    ///
    /// @param bits how many of the first bits tell
    record Block(InetAddress network, int bits) {
        /// @param text an address literal, with `/bits` or without
        /// @throws IllegalArgumentException if it is neither
        static Block parse(String text) {
            String[] halves = text.split("/", 2);
            InetAddress network = InetAddress.ofLiteral(halves[0]);
            int longest = network.getAddress().length * 8;
            int bits = halves.length == 1 ? longest : Integer.parseInt(halves[1]);
            if (bits < 0 || bits > longest) {
                throw new IllegalArgumentException("'%s' has no such network".formatted(text));
            }
            return new Block(network, bits);
        }

        boolean contains(InetAddress address) {
            byte[] ours = network.getAddress();
            byte[] theirs = address.getAddress();
            if (ours.length != theirs.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> bit % 8;
                if ((ours[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private Reachable() {}

    /// Java turns an IPv4 address written as IPv6 into IPv4 before it comes here.
    static boolean isPublic(InetAddress address) {
        boolean whole = address instanceof Inet4Address || GLOBAL_IPV6.contains(address);
        return whole && PRIVATE.stream().noneMatch(block -> block.contains(address));
    }

    /// Clouds tell their machines secrets there.
    static boolean isLinkLocal(InetAddress address) {
        return address.isLinkLocalAddress();
    }

    /// This host's own addresses, whether they look public or not.
    static boolean isOfThisHost(InetAddress address) {
        try {
            return address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            // Not known to be another's.
            return true;
        }
    }

    /// Whether it is on a network that this host has a leg in.
    static boolean isNeighbour(InetAddress address) {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(each -> each.getInterfaceAddresses().stream())
                    .anyMatch(leg -> holds(leg, address));
        } catch (SocketException e) {
            return true;
        }
    }

    private static boolean holds(InterfaceAddress leg, InetAddress address) {
        return new Block(leg.getAddress(), leg.getNetworkPrefixLength()).contains(address);
    }
}
