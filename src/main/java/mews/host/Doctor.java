package mews.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.base.Home;
import mews.model.Refusal;

/// Tries everything Mews can use on this machine, each by running something in it.
public final class Doctor {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long ENOUGH_DISK = 2_000_000_000L;

    private final Home home;
    private final Interpreters interpreters;
    private final Uv uv;

    public Doctor(Home home, Interpreters interpreters, Uv uv) {
        this.home = home;
        this.interpreters = interpreters;
        this.uv = uv;
    }

    /// Takes some seconds; the first time longer, since it fetches uv.
    public List<Probe> examine() {
        List<Callable<Probe>> checks =
                List.of(
                        this::jdk,
                        this::pythons,
                        this::installer,
                        this::bubblewrap,
                        this::namespaces,
                        this::forks,
                        this::cgroups,
                        this::egress,
                        this::images,
                        () ->
                                tool(
                                        "git",
                                        "--version",
                                        "git+https requirements and the toolkit's clone_repository"),
                        this::memory,
                        this::disk,
                        this::ports);
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            return each.invokeAll(checks).stream().map(Doctor::outcome).toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of(Probe.no("doctor", "interrupted", "run it again"));
        }
    }

    private static Probe outcome(Future<Probe> check) {
        try {
            return check.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Probe.no("doctor", "interrupted", "run it again");
        } catch (ExecutionException e) {
            return Probe.no("doctor", "a check failed: " + e.getCause(), "report this as a defect");
        }
    }

    private Probe jdk() {
        Path java = Path.of(System.getProperty("java.home"), "bin/java");
        Command.Result version = Command.run(PATIENCE, java.toString(), "--version");
        String first = version.out().lines().findFirst().orElse(version.lastWords());
        return Runtime.version().feature() >= 25 && version.ok()
                ? Probe.yes("jdk", first)
                : Probe.no("jdk", first, "install a JDK 25 and set MEWS_JAVA_HOME to it");
    }

    private Probe pythons() {
        List<Interpreter> all = interpreters.all();
        String names =
                all.stream()
                        .map(any -> any.version() + " " + any.path())
                        .collect(Collectors.joining(", "));
        return all.isEmpty()
                ? Probe.no("python", "none found", "install Python 3.9 or newer, with pip")
                : Probe.yes("python", names);
    }

    private Probe installer() {
        try {
            Path binary = uv.ensure(home.tools());
            Command.Result version = Command.run(PATIENCE, binary.toString(), "--version");
            return version.ok()
                    ? Probe.yes("uv", version.out().strip() + " " + binary)
                    : Probe.no("uv", version.lastWords(), "delete " + home.tools());
        } catch (Refusal e) {
            return Probe.no(
                    "uv", String.valueOf(e.getMessage()), "without it no environment can be built");
        }
    }

    private Probe bubblewrap() {
        Bubblewrap found = Bubblewrap.probe();
        return found.works()
                ? Probe.yes("bubblewrap", found.detail())
                : Probe.no(
                        "bubblewrap",
                        found.detail(),
                        "install bubblewrap 0.5 or newer (apt install bubblewrap); without it runners have no isolation");
    }

    private Probe forks() {
        String refusal = NestedNamespaces.refusal();
        return refusal.isEmpty()
                ? Probe.yes("warm starts", "runners can be forked from warm parents")
                : Probe.no("warm starts", refusal, "runners start plainly until then");
    }

    private Probe namespaces() {
        Command.Result made =
                Command.run(
                        PATIENCE,
                        "unshare",
                        "--user",
                        "--map-root-user",
                        "--pid",
                        "--fork",
                        "true");
        return made.ok()
                ? Probe.yes("namespaces", "user and pid namespaces can be made")
                : Probe.no(
                        "namespaces",
                        made.lastWords(),
                        "allow unprivileged user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)");
    }

    private Probe cgroups() {
        Cgroups found = Cgroups.probe("mews-doctor-" + ProcessHandle.current().pid());
        Cgroups.remove(found);
        return found.reason().isEmpty()
                ? Probe.yes("cgroups", found.summary())
                : Probe.no(
                        "cgroups",
                        found.summary() + " (" + found.reason() + ")",
                        "run the server as root or in a delegated group (systemd: Delegate=yes); without them memory and process limits are watched from outside");
    }

    private Probe egress() {
        for (List<String> trial :
                List.of(
                        List.of("ip", "-V"),
                        List.of("nft", "list", "tables"),
                        List.of("unshare", "--net", "ip", "link", "set", "lo", "up"))) {
            Command.Result ran = Command.run(PATIENCE, trial);
            if (!ran.ok()) {
                return Probe.no(
                        "network",
                        trial.getFirst() + ": " + ran.lastWords(),
                        "run the server as root with iproute2 and nftables installed; otherwise runners reach the internet through the egress proxy only, and programs must honour HTTPS_PROXY");
            }
        }
        return Probe.yes("network", "network namespaces and nftables work");
    }

    private Probe images() {
        ImageTools found = ImageTools.probe(home, "");
        return found.works()
                ? Probe.yes("images", found.detail())
                : Probe.no(
                        "images",
                        found.detail(),
                        found.remedy() + "; without it there are no container apps");
    }

    private static Probe tool(String name, String argument, String use) {
        Command.Result ran = Command.run(PATIENCE, name, argument);
        return ran.ok()
                ? Probe.yes(name, "works")
                : Probe.no(name, ran.lastWords(), "install " + name + "; needed for " + use);
    }

    private Probe memory() {
        long free = Machine.freeMemoryBytes();
        String detail =
                "%d cores, %d MB free of %d MB"
                        .formatted(
                                Machine.cores(),
                                free / 1_000_000,
                                Machine.memoryBytes() / 1_000_000);
        return free > 512_000_000
                ? Probe.yes("memory", detail)
                : Probe.no("memory", detail, "a runner of type XS needs 512 MB");
    }

    private Probe disk() {
        long free = Machine.freeDiskBytes(home.root());
        String detail = "%d MB free in %s".formatted(free / 1_000_000, home.root());
        try {
            Files.createDirectories(home.root());
            Files.delete(Files.createTempFile(home.root(), ".probe-", ""));
        } catch (IOException e) {
            return Probe.no("disk", "not writable: " + e.getMessage(), "set MEWS_HOME elsewhere");
        }
        return free > ENOUGH_DISK
                ? Probe.yes("disk", detail)
                : Probe.no("disk", detail, "free some space, or set MEWS_HOME elsewhere");
    }

    /// The default addresses; a server that runs already holds them, which is no defect.
    private Probe ports() {
        if (Files.exists(home.serverJson())) {
            return Probe.yes("ports", "held by the server of " + home.root());
        }
        String taken =
                Stream.of("127.0.0.1", "127.0.0.2", "127.0.0.3")
                        .filter(address -> !free(address))
                        .collect(Collectors.joining(", "));
        return taken.isEmpty()
                ? Probe.yes("ports", "8787 is free on 127.0.0.1, 127.0.0.2 and 127.0.0.3")
                : Probe.no(
                        "ports",
                        "8787 is taken on " + taken,
                        "the server will take another port; server.json tells which");
    }

    private static boolean free(String address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(address), 8787));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
