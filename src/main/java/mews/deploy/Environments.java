package mews.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mews.build.EnvironmentBuilder;
import mews.build.ImageUsers;
import mews.build.LockedEnvironment;
import mews.logs.Logs;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.LogLine;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The environments of revisions: what they hold, who needs them, and whether they are on disk.
/// What was lost is made again from its lock, while those who wait for it can see why. Thread-safe.
public final class Environments implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Environments.class);

    /// How it stands with the environment of a revision whose runner is to start.
    public sealed interface State {
        record Ready() implements State {}

        /// @param why for people
        record Underway(String why) implements State {}

        /// Told once; asked again, it is tried again.
        record Failed(String why) implements State {}
    }

    private static final State READY = new State.Ready();
    private static final State UNDERWAY =
            new State.Underway(
                    "its environment is not on disk any more and is being installed again from its lock");

    private final EnvironmentBuilder builder;
    private final BuildOrders orders;
    private final Revisions revisions;
    private final AliasTable aliases;
    private final Logs logs;
    private final Map<UUID, State> restoring = new ConcurrentHashMap<>();
    private final Set<Thread> workers = ConcurrentHashMap.newKeySet();
    private final List<Consumer<AppName>> listeners = new CopyOnWriteArrayList<>();

    Environments(
            EnvironmentBuilder builder,
            BuildOrders orders,
            Revisions revisions,
            AliasTable aliases,
            Logs logs) {
        this.builder = builder;
        this.orders = orders;
        this.revisions = revisions;
        this.aliases = aliases;
        this.logs = logs;
    }

    /// Asked before a runner starts; never waits. Begins to make what is missing.
    public State state(Revision revision) {
        State known = restoring.get(revision.id());
        if (known instanceof State.Failed) {
            restoring.remove(revision.id(), known);
            return known;
        }
        if (known != null) {
            return known;
        }
        if (builder.ready(revision.image())) {
            return READY;
        }
        if (restoring.putIfAbsent(revision.id(), UNDERWAY) == null) {
            Thread worker =
                    Thread.ofVirtual()
                            .name("restore-" + revision.id())
                            .unstarted(() -> restore(revision));
            workers.add(worker);
            worker.start();
        }
        return UNDERWAY;
    }

    /// @param listener hears of each app whose environment was made again, or could not be
    public void onChange(Consumer<AppName> listener) {
        listeners.add(listener);
    }

    /// What was resolved for a revision.
    ///
    /// @throws Refusal if that was not kept
    public LockedEnvironment lock(Revision revision) {
        return builder.lock(orders.of(revision.app(), revision.spec(), false), revision.image());
    }

    /// Environments that stay on disk: those that an app serves or is about to, and those of its
    /// newest revisions, to roll back to.
    ///
    /// @param newest how many of each app
    public List<ImageUsers.Use> uses(int newest) {
        List<ImageUsers.Use> uses = new ArrayList<>(revisions.newest(newest));
        for (Route route : aliases.all()) {
            Alias alias = route.alias();
            String app = "app " + alias.app().alias();
            uses.add(new ImageUsers.Use(route.revision().image(), alias.app().owner(), app));
            Stream.ofNullable(alias.next())
                    .flatMap(next -> revisions.image(next).stream())
                    .map(image -> new ImageUsers.Use(image, alias.app().owner(), app + " (next)"))
                    .forEach(uses::add);
        }
        return uses;
    }

    /// Keys of the layers of all revisions there are.
    public Set<String> layers() {
        return revisions.layers();
    }

    @Override
    public void close() {
        workers.forEach(Thread::interrupt);
    }

    private void restore(Revision revision) {
        LOG.info(
                "environment is lost, restoring revision={} image={}",
                revision.id(),
                revision.image().key());
        try {
            builder.restore(
                    orders.of(revision.app(), revision.spec(), false),
                    revision.image(),
                    line -> logs.append(of(revision, line)));
            restoring.remove(revision.id());
        } catch (Refusal refusal) {
            restoring.put(revision.id(), new State.Failed(refusal.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            restoring.remove(revision.id());
        } catch (RuntimeException e) {
            LOG.error("environment cannot be restored revision={}", revision.id(), e);
            restoring.put(
                    revision.id(),
                    new State.Failed(
                            "the server could not install its environment again; see its log"));
        } finally {
            workers.remove(Thread.currentThread());
            listeners.forEach(listener -> listener.accept(revision.app()));
        }
    }

    /// A build has no app of its own; here it is clear whose it is.
    private static LogLine of(Revision revision, LogLine line) {
        return new LogLine(
                line.at(),
                line.level(),
                line.source(),
                revision.app().owner(),
                revision.app(),
                revision.id(),
                null,
                null,
                line.message());
    }
}
