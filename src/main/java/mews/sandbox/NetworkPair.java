package mews.sandbox;

/// What joins a network namespace to this host, as lines for `ip -batch -`.
final class NetworkPair {
    private NetworkPair() {}

    /// On this host.
    ///
    /// @param namespace its name
    static String outside(String device, String namespace, int mtu, int second, int number) {
        return """
        link add %1$s mtu %2$d type veth peer name eth0 mtu %2$d netns %3$s
        link set %1$s addrgenmode none
        addr add %4$s/30 dev %1$s
        link set %1$s up
        """
                .formatted(device, mtu, namespace, Subnets.hostEnd(second, number));
    }

    /// In the namespace.
    static String inside(int second, int number) {
        return """
        link set lo up
        link set eth0 addrgenmode none
        addr add %s/30 dev eth0
        link set eth0 up
        route add default via %s
        """
                .formatted(Subnets.runnerEnd(second, number), Subnets.hostEnd(second, number));
    }
}
