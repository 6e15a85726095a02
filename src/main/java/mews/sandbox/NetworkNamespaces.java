package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import mews.host.Command;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way out for a server that runs as root: a network namespace per process, joined to this host
/// by a pair of interfaces behind a packet filter. Some are made ahead, since making one takes
/// longer than starting a process. Thread-safe.
final class NetworkNamespaces implements Egress {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkNamespaces.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MADE_AHEAD = 2;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final int LOOKS = 50;
    private static final Path FOLDER = Path.of("/run/netns");
    private static final Path SYSCTL = Path.of("/proc/sys/net");

    private final String server;
    private final int second;
    private final int mtu;
    private final List<String> nameservers;
    private final @Nullable NameRelay relay;
    private final BlockingQueue<Passage> ahead = new ArrayBlockingQueue<>(MADE_AHEAD);
    private final Numbers numbers = new Numbers();
    private volatile boolean closed;

    private final class Namespace implements Passage {
        private final int number;

        Namespace(int number) {
            this.number = number;
        }

        String name() {
            return "mews-%s-%d".formatted(server, number);
        }

        String device() {
            return prefix(server) + number;
        }

        @Override
        public List<String> enter() {
            return List.of("nsenter", "--net=" + FOLDER.resolve(name()), "--");
        }

        @Override
        public List<String> nameservers() {
            return relay == null ? nameservers : List.of(Subnets.hostEnd(second, number));
        }

        /// Never used again, so that no process meets what another one left. Nobody waits for its
        /// end, which takes longer than many a process; what a closing server leaves it sweeps.
        @Override
        public void close() {
            Thread.ofVirtual().name("mews-network").start(this::delete);
        }

        private void delete() {
            Command.Result deleted = Command.run(PATIENCE, "ip", "netns", "delete", name());
            if (!deleted.ok()) {
                if (!closed) {
                    LOG.warn(
                            "network namespace is left name={} reason={}",
                            name(),
                            deleted.lastWords());
                }
                return;
            }
            // Deleting the namespace takes the pair with it, though not at once.
            Command.run(PATIENCE, "ip", "link", "delete", device());
            numbers.give(number);
        }
    }

    private NetworkNamespaces(
            String server, int second, List<String> nameservers, @Nullable NameRelay relay) {
        this.server = server;
        this.second = second;
        this.mtu = Subnets.mtu();
        this.nameservers = nameservers;
        this.relay = relay;
    }

    /// @param server short name of this server, hexadecimal
    /// @param reach IPv4 networks that are allowed although they are private
    /// @throws IOException with the reason if this host cannot
    static NetworkNamespaces open(String server, List<String> reach) throws IOException {
        sweep(server);
        int second = Subnets.free(Integer.parseUnsignedInt(server.substring(0, 4), 16));
        List<String> nameservers = Nameservers.reachable();
        @Nullable NameRelay relay =
                nameservers.isEmpty()
                        ? new NameRelay(Nameservers.local(), "100." + second + ".")
                        : null;
        NetworkNamespaces namespaces = new NetworkNamespaces(server, second, nameservers, relay);
        try {
            namespaces.filter(reach);
            for (String uplink : Subnets.uplinks()) {
                forward(uplink);
            }
            namespaces.ahead.add(namespaces.make());
        } catch (IOException e) {
            namespaces.close();
            throw e;
        }
        return namespaces;
    }

    @Override
    public Passage open() throws IOException {
        Passage ready = ahead.poll();
        Thread.ofVirtual().name("mews-network").start(this::refill);
        return ready == null ? make() : ready;
    }

    @Override
    public Connection connect() {
        return new Joined(new Namespace(numbers.take()));
    }

    /// The same as a namespace of ours, but in one that somebody else makes.
    private final class Joined implements Connection {
        private final Namespace place;

        Joined(Namespace place) {
            this.place = place;
        }

        @Override
        public String device() {
            return place.device();
        }

        @Override
        public int mtu() {
            return mtu;
        }

        @Override
        public String here() {
            return Subnets.hostEnd(second, place.number);
        }

        @Override
        public String there() {
            return Subnets.runnerEnd(second, place.number);
        }

        @Override
        public List<String> nameservers() {
            return place.nameservers();
        }

        /// The pair goes with the namespace, unless that lives on. Nobody waits for it.
        @Override
        public void close() {
            Thread.ofVirtual().name("mews-network").start(this::awaitEnd);
        }

        private void awaitEnd() {
            for (int round = 0; round < LOOKS && exists() && !closed; round++) {
                LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            }
            if (exists()) {
                Command.run(PATIENCE, "ip", "link", "delete", device());
            }
            numbers.give(place.number);
        }

        private boolean exists() {
            return Files.exists(SYSCTL.resolve("ipv4/conf").resolve(device()));
        }
    }

    @Override
    public String summary() {
        return "internet only, by packet filter";
    }

    @Override
    public void close() {
        closed = true;
        for (Passage unused = ahead.poll(); unused != null; unused = ahead.poll()) {
            unused.close();
        }
        sweep(server);
        if (relay != null) {
            try {
                relay.close();
            } catch (IOException e) {
                LOG.debug("name relay was not closed", e);
            }
        }
    }

    /// Takes down all that an earlier life of this server made.
    static void sweep(String server) {
        String prefix = "mews-" + server + "-";
        for (String line : Command.run(PATIENCE, "ip", "netns", "list").out().lines().toList()) {
            String name = line.split(" ")[0];
            if (name.startsWith(prefix)) {
                Command.Result pids = Command.run(PATIENCE, "ip", "netns", "pids", name);
                pids.out().lines().forEach(NetworkNamespaces::kill);
                Command.run(PATIENCE, "ip", "netns", "delete", name);
            }
        }
        // Pairs go with their namespaces, though not at once, and some namespaces have no name.
        for (String device : Subnets.devices(prefix(server))) {
            Command.run(PATIENCE, "ip", "link", "delete", device);
        }
        Command.run(PATIENCE, "nft", "delete", "table", "inet", table(server));
    }

    private void refill() {
        try {
            while (!closed && ahead.remainingCapacity() > 0) {
                Namespace made = make();
                if (!ahead.offer(made) || (closed && ahead.remove(made))) {
                    made.delete();
                }
            }
        } catch (IOException e) {
            LOG.warn("no network namespace was made ahead", e);
        }
    }

    private Namespace make() throws IOException {
        Namespace made = new Namespace(numbers.take());
        batch(
                List.of("ip", "-batch", "-"),
                "netns add %s%n%s"
                        .formatted(
                                made.name(),
                                NetworkPair.outside(
                                        made.device(), made.name(), mtu, second, made.number)));
        batch(
                List.of("ip", "-netns", made.name(), "-batch", "-"),
                NetworkPair.inside(second, made.number));
        forward(made.device());
        return made;
    }

    private void filter(List<String> reach) throws IOException {
        IOException last = new IOException("unreachable");
        for (String refusal : List.of("reject with icmpx admin-prohibited", "drop")) {
            EgressRules rules =
                    new EgressRules(
                            table(server),
                            prefix(server),
                            Subnets.of(second),
                            relay == null ? nameservers : List.of(),
                            relay == null ? 0 : relay.port(),
                            Subnets.neighbours(),
                            reach,
                            refusal);
            try {
                batch(List.of("nft", "-f", "-"), rules.text());
                return;
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    /// Only for the interfaces that runners need: others do not begin to route for strangers.
    private static void forward(String device) throws IOException {
        Path file = SYSCTL.resolve("ipv4/conf").resolve(device).resolve("forwarding");
        if (!Files.readString(file).strip().equals("1")) {
            Files.writeString(file, "1");
        }
    }

    private static void batch(List<String> command, String input) throws IOException {
        Command.Result done = Command.run(PATIENCE, null, command, input);
        if (!done.ok()) {
            throw new IOException(command.getFirst() + ": " + done.lastWords());
        }
    }

    private static void kill(String pid) {
        ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
    }

    private static String prefix(String server) {
        return EgressRules.ANY_INTERFACE + server.substring(0, 4) + "x";
    }

    private static String table(String server) {
        return "mews_" + server;
    }
}
