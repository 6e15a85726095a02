package mews.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import mews.base.Folders;
import mews.base.Ids;
import mews.base.Json;
import mews.model.AppFile;
import mews.sandbox.Sandbox.Lineage;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;
import mews.sandbox.SandboxSpec.Limits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sandbox in which one environment's warm parents of one account live, and the runners that
/// they forked, each in a sandbox of its own inside. It stays as long as one of those runners does,
/// whatever became of the parents. Thread-safe.
final class Nursery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Nursery.class);
    static final Duration WARMING = Duration.ofSeconds(120);
    private static final Duration BIRTH = Duration.ofSeconds(15);

    /// What the parent listens at that others branch from.
    private static final String FIRST = "parent.sock";

    /// More at once take longer for each, and no less for all.
    private static final Semaphore FORKING =
            new Semaphore(2 * Runtime.getRuntime().availableProcessors());

    /// One parent: where it takes orders.
    ///
    /// @param door its socket, under a name that only this server can change
    /// @param branch whether it has decoded the callable of a revision
    /// @param gone done once it ended
    record Parent(Path door, boolean branch, CompletableFuture<@Nullable Void> gone) {
        boolean alive() {
            return !gone.isDone();
        }
    }

    private final Ground ground;
    private final Launch launch;
    private final UUID id;
    private final Workplace own;
    private final List<Path> nests;
    private final SandboxSpec spec;
    private final SandboxProcess process;
    private final Closing closing;
    private final AtomicInteger branches = new AtomicInteger();
    private int runners;
    private boolean retired;
    private boolean closed;

    private Nursery(
            Ground ground,
            Launch launch,
            UUID id,
            Workplace own,
            List<Path> nests,
            SandboxSpec spec,
            SandboxProcess process,
            Closing closing) {
        this.ground = ground;
        this.launch = launch;
        this.id = id;
        this.own = own;
        this.nests = nests;
        this.spec = spec;
        this.process = process;
        this.closing = closing;
    }

    /// A nursery with its first parent.
    record Opened(Nursery nursery, Parent parent) {}

    /// Starts a parent and waits until it is warm.
    ///
    /// @param variables set in it before anything is imported
    /// @param modules to import besides what every runner needs
    /// @throws IOException with the reason if it does not get there
    static Opened open(
            Ground ground, Launch launch, Map<String, String> variables, List<String> modules)
            throws IOException {
        UUID id = Ids.next(ground.clock());
        Closing closing = new Closing(id);
        try {
            launch.source().compileFor(launch.interpreter());
            Workplace own = Workplace.of(ground.home(), id, launch.account(), true);
            closing.later("folders", own::remove);
            own.make(List.of(), ground.blobs());
            String name = own.sockets().getFileName().toString();
            List<Path> nests =
                    List.of(
                            own.work().resolve("nest"),
                            ground.home().sockets().resolve(Workplace.NESTS).resolve(name));
            closing.later("nest", () -> Folders.delete(nests.getLast()));
            for (Path nest : nests) {
                Files.createDirectories(nest);
                Files.setPosixFilePermissions(nest, PosixFilePermissions.fromString("rwx--x--x"));
            }
            ControlLink link = ControlLink.listen(own.socket("control.sock"));
            closing.later("control socket", link::close);
            SandboxSpec spec = launch.parent(id, own);
            SandboxProcess process =
                    ground.sandbox().startParent(spec, nests, own.insideSockets() + "/" + FIRST);
            closing.later("sandbox", process::close);
            ParentTalk.listenTo(process);
            Nursery nursery = new Nursery(ground, launch, id, own, nests, spec, process, closing);
            String message = ParentTalk.warm(launch, variables, modules);
            Parent parent = nursery.await(link, FIRST, message, WARMING, told -> {});
            return new Opened(nursery, parent);
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    /// Makes a parent for one revision out of another parent, which has decoded its callable too.
    ///
    /// @param order fields of the message that carries the callable
    /// @param patience how long it may take
    /// @param setUp told once if it was asked to run `setup()` too, and did
    Parent branch(
            Parent from,
            Map<String, @Nullable Object> order,
            Duration patience,
            Consumer<Message.SetUp> setUp)
            throws IOException {
        int number = branches.incrementAndGet();
        String control = "b%d.sock".formatted(number);
        String listen = "p%d.sock".formatted(number);
        ControlLink link = ControlLink.listen(own.socket(control));
        try {
            // The folder was handed over before this was made in it.
            Files.setPosixFilePermissions(
                    own.socket(control), PosixFilePermissions.fromString("rw-rw-rw-"));
            ParentTalk.order(from, Map.of("type", "branch", "control", control, "listen", listen));
            if (!link.awaitPeer(from.gone(), BIRTH)) {
                throw new IOException("the parent did not fork in time");
            }
            Map<String, @Nullable Object> message = new LinkedHashMap<>(order);
            message.put("type", "warm");
            Parent made = await(link, listen, Json.write(message), patience, setUp);
            closing.later("control socket", link::close);
            return made;
        } catch (IOException e) {
            link.close();
            throw e;
        }
    }

    /// Forks a runner, and waits until it is there.
    ///
    /// @param files laid out in its `/app`
    /// @throws IOException with the reason if the fork does not come
    Berth fork(Parent parent, Limits limits, List<AppFile> files, Way way) throws IOException {
        FORKING.acquireUninterruptibly();
        try {
            return make(parent, limits, files, way);
        } finally {
            FORKING.release();
        }
    }

    private Berth make(Parent parent, Limits limits, List<AppFile> files, Way way)
            throws IOException {
        UUID name = Ids.next(ground.clock());
        Instant launched = ground.clock().instant();
        Closing steps = new Closing(name);
        enter();
        steps.later("nursery", this::leave);
        try {
            Workplace place =
                    Workplace.nested(
                            ground.home(), name, nests.getFirst(), nests.getLast(), own.data());
            steps.later("folders", place::remove);
            place.make(files, ground.blobs());
            // Short, for it may hold a socket.
            Path etc = place.sockets().resolveSibling(place.sockets().getFileName() + "-etc");
            steps.later("etc", () -> Folders.delete(etc));
            ControlLink link = ControlLink.listenIn(place, ground, launch.account(), steps);
            SandboxProcess child =
                    ground.sandbox()
                            .fork(
                                    launch.runner(name, place, limits),
                                    new Lineage(
                                            spec, nests, parent.door(), etc, launch.interpreter()));
            steps.later("sandbox", child::close);
            if (!link.awaitPeer(child.exit(), BIRTH)) {
                throw new IOException("the parent did not fork in time; the log says why");
            }
            return new Berth(place, link, child, way, parent.branch(), launched, steps);
        } catch (IOException | RuntimeException e) {
            steps.close();
            throw e;
        }
    }

    /// Has a parent end, if it listens.
    void dismiss(Parent parent) {
        try {
            ParentTalk.order(parent, Map.of("type", "leave"));
        } catch (IOException e) {
            LOG.debug("parent is gone nursery={}", id);
        }
    }

    /// No runner will be forked any more; closes with the last one.
    void retire() {
        boolean empty;
        synchronized (this) {
            retired = true;
            empty = runners == 0;
        }
        if (empty) {
            close();
        }
    }

    boolean alive() {
        return !process.exit().isDone();
    }

    /// Of the parents; the runners' own is their own.
    long memoryBytes() {
        return process.memoryBytes();
    }

    /// Ends all that lives in here.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        closing.close();
    }

    private synchronized void enter() throws IOException {
        if (retired || closed) {
            throw new IOException("the parent was retired");
        }
        runners++;
    }

    private void leave() {
        boolean last;
        synchronized (this) {
            last = --runners == 0 && retired;
        }
        if (last) {
            close();
        }
    }

    /// Waits until a parent is warm.
    private Parent await(
            ControlLink link,
            String listen,
            String message,
            Duration patience,
            Consumer<Message.SetUp> setUp)
            throws IOException {
        CompletableFuture<@Nullable Void> gone =
                ParentTalk.awaitWarm(link, process, message, patience, setUp);
        Path door = own.endpoint().resolveSibling(own.endpoint().getFileName() + "-" + listen);
        Workplace.claim(own.socket(listen), door);
        closing.later("door", () -> Files.deleteIfExists(door));
        return new Parent(door, !listen.equals(FIRST), gone);
    }
}
