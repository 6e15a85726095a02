package mews.sandbox;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import mews.sandbox.Reachable.Block;

/// What one sandboxed process may reach through the egress proxy: the internet, the networks that
/// the owner of this server allows, and what its `reach` names. Thread-safe.
final class Targets {
    /// A wish that is not granted; the message is one sentence for whoever wished it.
    static final class Denied extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;

        Denied(int status, String sentence) {
            super(sentence);
            this.status = status;
        }

        int status() {
            return status;
        }

        String sentence() {
            return String.valueOf(getMessage());
        }
    }

    /// Names to addresses.
    @FunctionalInterface
    interface Resolver {
        /// @return at least one
        List<InetAddress> resolve(String host) throws UnknownHostException;

        Resolver OF_HOST = host -> Arrays.asList(InetAddress.getAllByName(host));
    }

    private final List<Block> allowed;
    private final Set<InetSocketAddress> own;
    private final Set<Target> named;
    private final Resolver resolver;

    /// @param allowed networks of `mews.toml`
    /// @param own where this server and its database listen
    /// @param named `host:port` each
    Targets(List<Block> allowed, Set<InetSocketAddress> own, Set<String> named, Resolver resolver) {
        this.allowed = allowed;
        this.own = own;
        this.named =
                named.stream()
                        .flatMap(text -> Target.parse(text, 0).stream())
                        .collect(Collectors.toUnmodifiableSet());
        this.resolver = resolver;
    }

    /// The addresses to connect to, none of which is forbidden. Whoever connects uses these and
    /// does not ask for the name again, since the answer could be another then.
    ///
    /// @throws UnknownHostException if nobody knows the name
    /// @throws Denied if every address is forbidden
    List<InetAddress> addresses(Target target) throws Denied, UnknownHostException {
        List<InetAddress> all = resolver.resolve(target.host());
        List<InetAddress> others =
                all.stream().filter(address -> !isOurs(address, target.port())).toList();
        if (others.isEmpty()) {
            throw new Denied(
                    403, "%s is this Mews server itself or its database".formatted(target));
        }
        List<InetAddress> granted =
                others.stream().filter(address -> grants(target, address)).toList();
        if (granted.isEmpty()) {
            throw new Denied(403, refusal(target));
        }
        return granted;
    }

    /// Whether a name that only an outer proxy can look up may be handed to it.
    boolean mayBeAskedOutside(Target target) {
        boolean number = target.host().matches(".*:.*|(.*\\.)?(\\d+|0x[0-9a-f]*)");
        return named.contains(target) || (!number && target.host().contains("."));
    }

    static String refusal(Target target) {
        return "%s is not on the internet, and sandbox.allow_networks in mews.toml does not name its network"
                .formatted(target);
    }

    private boolean grants(Target target, InetAddress address) {
        if (allowed.stream().anyMatch(block -> block.contains(address))) {
            return true;
        }
        if (named.contains(target)) {
            return !Reachable.isLinkLocal(address)
                    && !address.isAnyLocalAddress()
                    && !address.isMulticastAddress();
        }
        return Reachable.isPublic(address)
                && !Reachable.isOfThisHost(address)
                && !Reachable.isNeighbour(address);
    }

    private boolean isOurs(InetAddress address, int port) {
        return own.stream()
                .filter(ours -> ours.getPort() == port)
                .anyMatch(ours -> matches(ours, address));
    }

    private static boolean matches(InetSocketAddress ours, InetAddress address) {
        InetAddress known = ours.getAddress();
        if (known == null || Reachable.isOfThisHost(known)) {
            return Reachable.isOfThisHost(address) || address.equals(known);
        }
        return known.equals(address);
    }
}
