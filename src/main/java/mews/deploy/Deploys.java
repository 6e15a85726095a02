package mews.deploy;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.Consumer;
import mews.base.Ids;
import mews.build.EnvironmentBuilder;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.RevisionSpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Build, record, switch.
final class Deploys implements Deployer {
    private static final Logger LOG = LoggerFactory.getLogger(Deploys.class);

    private final EnvironmentBuilder builder;
    private final BuildOrders orders;
    private final Revisions revisions;
    private final AliasTable aliases;
    private final InstantSource clock;

    Deploys(
            EnvironmentBuilder builder,
            BuildOrders orders,
            Revisions revisions,
            AliasTable aliases,
            InstantSource clock) {
        this.builder = builder;
        this.orders = orders;
        this.revisions = revisions;
        this.aliases = aliases;
        this.clock = clock;
    }

    @Override
    public Revision deploy(Registration asked, Consumer<LogLine> lines)
            throws InterruptedException {
        AppNames.check(asked.app());
        Image image = build(asked.app(), asked.spec(), asked.force(), lines);
        Revision revision = new Revision(Ids.next(clock), asked.app(), asked.spec(), image, now());
        Undisturbed.run(() -> {
            revisions.add(revision, false);
            aliases.change(asked.app(), now -> switched(now, asked, revision));
        });
        LOG.info("deployed alias={} revision={}", asked.app(), revision.id());
        return revision;
    }

    @Override
    public Alias run(
            String owner, String name, RevisionSpec spec, AuthMode auth, Consumer<LogLine> lines)
            throws InterruptedException {
        AppName app = AppNames.ephemeral(owner, name);
        AppNames.check(app);
        Image image = build(app, spec, false, lines);
        Revision revision = new Revision(Ids.next(clock), app, spec, image, now());
        Alias alias = first(revision, auth, DeploymentStrategy.RECREATE, true);
        Undisturbed.run(() -> {
            revisions.add(revision, true);
            aliases.change(app, now -> AliasRow.settled(alias));
        });
        LOG.info("run started alias={} revision={}", app, revision.id());
        return alias;
    }

    @Override
    public UUID remove(AppName app) {
        AliasRow removed = aliases.change(app, now -> null).before();
        if (removed == null) {
            throw missing(app);
        }
        if (removed.alias().ephemeral()) {
            revisions.deleteEphemeral();
        }
        LOG.info("alias removed alias={}", app);
        return removed.alias().serving();
    }

    @Override
    public void awaitServing(AppName app, UUID revision) throws InterruptedException {
        Alias alias = aliases.await(app, now -> now == null || !revision.equals(now.next()));
        if (alias == null) {
            throw missing(app);
        }
        if (!alias.serving().equals(revision)) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "revision %s of '%s' did not take over, %s still serves: %s"
                            .formatted(
                                    revision,
                                    app.alias(),
                                    alias.serving(),
                                    revisions
                                            .givenUp(revision)
                                            .orElse("another revision was put in its place")));
        }
    }

    @Override
    public void promote(AppName app, UUID revision) {
        RevisionSpec spec = revisions.find(revision).orElseThrow(() -> missing(app)).spec();
        aliases.change(
                app,
                now ->
                        now == null || !revision.equals(now.alias().next())
                                ? now
                                : now.serving(revision, spec, now.nextAuth(), now.nextReset()));
        LOG.info("revision serves alias={} revision={}", app, revision);
    }

    @Override
    public void abandon(AppName app, UUID revision, String reason) {
        revisions.giveUp(revision, reason);
        aliases.change(
                app,
                now ->
                        now == null || !revision.equals(now.alias().next())
                                ? now
                                : now.withoutNext());
        LOG.info("revision given up alias={} revision={}", app, revision);
    }

    /// As exact as the database keeps it, so that memory and row agree.
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private AliasRow switched(@Nullable AliasRow now, Registration asked, Revision revision) {
        if (now == null) {
            AuthMode auth = asked.auth() == null ? AuthMode.PRIVATE : asked.auth();
            return AliasRow.settled(first(revision, auth, asked.strategy(), false));
        }
        return switch (asked.strategy()) {
            case ROLLING -> now.coming(revision.id(), asked.auth(), asked.resetScale());
            case RECREATE ->
                    now.serving(revision.id(), asked.spec(), asked.auth(), asked.resetScale())
                            .recreating();
        };
    }

    static Alias first(
            Revision revision, AuthMode auth, DeploymentStrategy strategy, boolean ephemeral) {
        Settings settings = Settings.of(revision.spec());
        return new Alias(
                revision.app(),
                auth,
                revision.id(),
                null,
                strategy,
                settings.scale(),
                settings.requestTimeout(),
                settings.startupTimeout(),
                settings.requestStartTimeout(),
                settings.machineTypes(),
                settings.regions(),
                ephemeral,
                0,
                revision.createdAt());
    }

    private Image build(AppName app, RevisionSpec spec, boolean force, Consumer<LogLine> lines)
            throws InterruptedException {
        return builder.build(orders.of(app, spec, force), lines);
    }

    static Refusal missing(AppName app) {
        return new Refusal(
                Refusal.Kind.NOT_FOUND,
                "app '%s' not found; check its name and its environment".formatted(app.alias()));
    }
}
