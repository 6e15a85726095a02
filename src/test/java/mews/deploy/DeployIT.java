package mews.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import mews.base.Seal;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.MachineCatalog;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.RevisionSpec;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.sql.Database;
import mews.testing.FakeBuilder;
import mews.testing.MemoryLogs;
import mews.testing.Specs;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeployIT {
    private static final AppName HELLO = new AppName("ada", "hello");
    private static final Seal SEAL = new Seal(new byte[32]);

    private final Database database = TestDatabase.fresh();
    private final FakeBuilder builder = new FakeBuilder();
    private final Deployment deployment = open();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void theFirstDeployServesAtOnce() throws Exception {
        Revision revision = deploy(Specs.app(), DeploymentStrategy.ROLLING);

        Alias alias = deployment.aliases().find(HELLO).orElseThrow();
        assertThat(alias.serving()).isEqualTo(revision.id());
        assertThat(alias.next()).isNull();
        assertThat(alias.auth()).isEqualTo(AuthMode.PRIVATE);
        assertThat(alias.scale()).isEqualTo(ScalePolicy.DEFAULT);
        assertThat(route().revision()).usingRecursiveComparison().isEqualTo(revision);
    }

    @Test
    void aRollingDeployWaitsAndBringsItsSettingsWhenItTakesOver() throws Exception {
        Revision first = deploy(Specs.app(), DeploymentStrategy.ROLLING);
        deployment.aliases().tune(HELLO, tuning(9));
        RevisionSpec spec =
                Specs.app(
                        new ScalePolicy(0, 4, 6, 0, 0, Duration.ZERO, Duration.ofSeconds(20)),
                        Timeouts.DEFAULT,
                        List.of("M"));

        Revision second = deploy(spec, DeploymentStrategy.ROLLING, AuthMode.PUBLIC, false);

        assertThat(route().alias().serving()).isEqualTo(first.id());
        assertThat(route().alias().next()).isEqualTo(second.id());
        assertThat(route().alias().auth()).isEqualTo(AuthMode.PRIVATE);
        assertThat(deployment.aliases().incoming(HELLO)).map(Revision::id).hasValue(second.id());

        deployment.deployer().promote(HELLO, second.id());

        Alias after = route().alias();
        assertThat(after.serving()).isEqualTo(second.id());
        assertThat(after.next()).isNull();
        assertThat(after.auth()).isEqualTo(AuthMode.PUBLIC);
        assertThat(after.scale().maxConcurrency()).as("tuned").isEqualTo(9);
        assertThat(after.scale().maxMultiplexing()).as("of the code").isEqualTo(6);
        assertThat(after.machineTypes()).containsExactly("M");
        assertThat(route().revision().id()).isEqualTo(second.id());
    }

    @Test
    void resettingTakesEverySettingFromTheCode() throws Exception {
        deploy(Specs.app(), DeploymentStrategy.RECREATE);
        deployment.aliases().tune(HELLO, tuning(9));

        deploy(Specs.app(), DeploymentStrategy.RECREATE, null, true);

        assertThat(route().alias().scale()).isEqualTo(ScalePolicy.DEFAULT);
    }

    @Test
    void recreateSwitchesAtOnceAndForgetsWhatWasComing() throws Exception {
        deploy(Specs.app(), DeploymentStrategy.ROLLING);
        Revision coming = deploy(Specs.app(), DeploymentStrategy.ROLLING);

        Revision last = deploy(Specs.app(), DeploymentStrategy.RECREATE);

        assertThat(route().alias().serving()).isEqualTo(last.id());
        assertThat(route().alias().next()).isNull();
        deployment.deployer().promote(HELLO, coming.id());
        assertThat(route().alias().serving()).isEqualTo(last.id());
    }

    @Test
    void aFailedBuildChangesNothing() throws Exception {
        Revision first = deploy(Specs.app(), DeploymentStrategy.RECREATE);
        RevisionSpec impossible = spec("impossible", "");

        assertThatThrownBy(() -> deploy(impossible, DeploymentStrategy.RECREATE))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("impossible");

        assertThat(route().alias().serving()).isEqualTo(first.id());
        assertThat(deployment.aliases().revisions("ada", HELLO)).hasSize(1);
    }

    @Test
    void whoeverWaitsHearsWhyARevisionWasGivenUp() throws Exception {
        Revision first = deploy(Specs.app(), DeploymentStrategy.ROLLING);
        Revision second = deploy(Specs.app(), DeploymentStrategy.ROLLING);
        FutureTask<Void> waiting = awaiting(second.id());

        deployment.deployer().abandon(HELLO, second.id(), "setup() raised KeyError");

        assertThatThrownBy(waiting::get)
                .hasRootCauseInstanceOf(Refusal.class)
                .hasMessageContaining("setup() raised KeyError");
        assertThat(route().alias().serving()).isEqualTo(first.id());
        assertThat(route().alias().next()).isNull();
        assertThat(deployment.aliases().revisions("ada", HELLO).getFirst().givenUp())
                .isEqualTo("setup() raised KeyError");
    }

    @Test
    void whoeverWaitsHearsWhenARevisionServes() throws Exception {
        deploy(Specs.app(), DeploymentStrategy.ROLLING);
        Revision second = deploy(Specs.app(), DeploymentStrategy.ROLLING);
        FutureTask<Void> waiting = awaiting(second.id());

        deployment.deployer().promote(HELLO, second.id());

        assertThat(waiting.get()).isNull();
    }

    @Test
    void aRunLivesUntilItIsRemoved() throws Exception {
        Alias run =
                deployment
                        .deployer()
                        .run("ada", "My_App", Specs.app(), AuthMode.PUBLIC, line -> {});

        assertThat(run.app().alias()).matches("my-app-[a-z0-9]{6}");
        assertThat(run.ephemeral()).isTrue();
        assertThat(deployment.routes().find(run.app())).isNotNull();
        assertThat(deployment.aliases().list("ada", null)).isEmpty();

        assertThat(deployment.deployer().remove(run.app())).isEqualTo(run.serving());

        assertThat(deployment.routes().find(run.app())).isNull();
        assertThat(deployment.aliases().revision(run.serving())).isEmpty();
        assertThatThrownBy(() -> deployment.deployer().remove(run.app()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("not found");
    }

    @Test
    void goingBackKeepsTunedSettingsAndTakesTheCodesOwn() throws Exception {
        ScalePolicy wide = new ScalePolicy(0, 2, 5, 0, 0, Duration.ZERO, Duration.ofSeconds(10));
        Revision old =
                deploy(
                        Specs.app(wide, Timeouts.DEFAULT, List.of("L")),
                        DeploymentStrategy.RECREATE);
        deploy(Specs.app(), DeploymentStrategy.RECREATE);
        deployment.aliases().tune(HELLO, tuning(9));

        Alias back = deployment.aliases().point(HELLO, old.id(), null, null);

        assertThat(back.serving()).isEqualTo(old.id());
        assertThat(back.scale().maxConcurrency()).isEqualTo(9);
        assertThat(back.scale().maxMultiplexing()).isEqualTo(5);
        assertThat(back.machineTypes()).containsExactly("L");
    }

    @Test
    void anInterruptedBuildIsNotDeployed() throws Exception {
        FutureTask<Revision> deploying =
                new FutureTask<>(() -> deploy(spec("endless", ""), DeploymentStrategy.ROLLING));
        Thread thread = Thread.startVirtualThread(deploying);
        org.awaitility.Awaitility.await().until(() -> !builder.orders.isEmpty());

        thread.interrupt();

        assertThatThrownBy(deploying::get).hasRootCauseInstanceOf(InterruptedException.class);
        assertThat(deployment.routes().find(HELLO)).isNull();
    }

    private Deployment open() {
        return Deployment.open(
                database,
                SEAL,
                builder,
                MachineCatalog.standard(),
                new MemoryLogs(),
                InstantSource.system());
    }

    private mews.model.Route route() {
        return java.util.Objects.requireNonNull(deployment.routes().find(HELLO));
    }

    private FutureTask<Void> awaiting(UUID revision) {
        FutureTask<Void> task =
                new FutureTask<>(() -> {
                    deployment.deployer().awaitServing(HELLO, revision);
                    return null;
                });
        Thread.startVirtualThread(task);
        return task;
    }

    private Revision deploy(RevisionSpec spec, DeploymentStrategy strategy)
            throws InterruptedException {
        return deploy(spec, strategy, null, false);
    }

    private Revision deploy(
            RevisionSpec spec,
            DeploymentStrategy strategy,
            @Nullable AuthMode auth,
            boolean resetScale)
            throws InterruptedException {
        return deployment
                .deployer()
                .deploy(
                        new Deployer.Registration(HELLO, spec, auth, strategy, resetScale, false),
                        line -> {});
    }

    private static RevisionSpec spec(String requirement, String source) {
        return Specs.app(
                Specs.environment(requirement),
                ScalePolicy.DEFAULT,
                Timeouts.DEFAULT,
                List.of("S"),
                source);
    }

    private static Aliases.Tuning tuning(int max) {
        return new Aliases.Tuning(
                null, null, max, null, null, null, null, null, null, List.of(), List.of());
    }
}
