package mews.server;

import java.net.InetAddress;

/// IPv4 networks as `address/bits`; runners have no IPv6.
final class Networks {
    private Networks() {}

    static boolean isNetwork(String text) {
        String[] halves = text.split("/", 2);
        if (halves.length != 2 || halves[0].contains(":") || !halves[1].matches("\\d{1,3}")) {
            return false;
        }
        try {
            int longest = InetAddress.ofLiteral(halves[0]).getAddress().length * 8;
            return Integer.parseInt(halves[1]) <= longest;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
