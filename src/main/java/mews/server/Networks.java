package mews.server;

import java.net.InetAddress;
import java.util.List;

/// IPv4 networks as `address/bits`; runners have no IPv6.
final class Networks {
    private Networks() {}

    /// `[sandbox]` of `mews.toml`.
    static ServerConfig.Sandbox read(Section section) {
        List<String> networks = section.strings("allow_networks");
        for (String network : networks) {
            if (!isNetwork(network)) {
                section.problem(
                        "allow_networks",
                        "sandbox.allow_networks must hold networks such as '10.1.0.0/16', got '%s'"
                                .formatted(network));
            }
        }
        section.refuseUnknown();
        return new ServerConfig.Sandbox(List.copyOf(networks));
    }

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
