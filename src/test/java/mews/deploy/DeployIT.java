package mews.deploy;

import static mews.deploy.DeployBench.HELLO;
import static mews.deploy.DeployBench.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import mews.model.Alias;
import mews.model.AuthMode;
import mews.model.Callable;
import mews.model.DeploymentStrategy;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.RevisionSpec;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.testing.Specs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeployIT {
    private final DeployBench bench = new DeployBench();
    private final Deployment deployment = bench.deployment;

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void theFirstDeployServesAtOnce() throws Exception {
        Revision revision = bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);

        Alias alias = deployment.aliases().find(HELLO).orElseThrow();
        assertThat(alias.serving()).isEqualTo(revision.id());
        assertThat(alias.next()).isNull();
        assertThat(alias.auth()).isEqualTo(AuthMode.PRIVATE);
        assertThat(alias.scale()).isEqualTo(ScalePolicy.DEFAULT);
        assertThat(bench.route().revision())
                .usingRecursiveComparison()
                .ignoringFields("spec.callable")
                .isEqualTo(revision);
        assertThat(bench.route().revision().spec().callable())
                .isInstanceOfSatisfying(
                        Callable.Kept.class,
                        kept ->
                                assertThat(kept.whole())
                                        .usingRecursiveComparison()
                                        .isEqualTo(revision.spec().callable()));
    }

    @Test
    void aRollingDeployWaitsAndBringsItsSettingsWhenItTakesOver() throws Exception {
        Revision first = bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);
        deployment.aliases().tune(HELLO, tuning(9));
        RevisionSpec spec =
                Specs.app(
                        new ScalePolicy(0, 4, 6, 0, 0, Duration.ZERO, Duration.ofSeconds(20)),
                        Timeouts.DEFAULT,
                        List.of("M"));

        Revision second = bench.deploy(spec, DeploymentStrategy.ROLLING, AuthMode.PUBLIC, false);

        assertThat(bench.route().alias().serving()).isEqualTo(first.id());
        assertThat(bench.route().alias().next()).isEqualTo(second.id());
        assertThat(bench.route().alias().auth()).isEqualTo(AuthMode.PRIVATE);
        assertThat(deployment.aliases().incoming(HELLO)).map(Revision::id).hasValue(second.id());

        deployment.deployer().promote(HELLO, second.id());

        Alias after = bench.route().alias();
        assertThat(after.serving()).isEqualTo(second.id());
        assertThat(after.next()).isNull();
        assertThat(after.auth()).isEqualTo(AuthMode.PUBLIC);
        assertThat(after.scale().maxConcurrency()).as("tuned").isEqualTo(9);
        assertThat(after.scale().maxMultiplexing()).as("of the code").isEqualTo(6);
        assertThat(after.machineTypes()).containsExactly("M");
        assertThat(bench.route().revision().id()).isEqualTo(second.id());
    }

    @Test
    void resettingTakesEverySettingFromTheCode() throws Exception {
        bench.deploy(Specs.app(), DeploymentStrategy.RECREATE);
        deployment.aliases().tune(HELLO, tuning(9));

        bench.deploy(Specs.app(), DeploymentStrategy.RECREATE, null, true);

        assertThat(bench.route().alias().scale()).isEqualTo(ScalePolicy.DEFAULT);
    }

    @Test
    void recreateSwitchesAtOnceAndForgetsWhatWasComing() throws Exception {
        bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);
        Revision coming = bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);

        Revision last = bench.deploy(Specs.app(), DeploymentStrategy.RECREATE);

        assertThat(bench.route().alias().serving()).isEqualTo(last.id());
        assertThat(bench.route().alias().next()).isNull();
        deployment.deployer().promote(HELLO, coming.id());
        assertThat(bench.route().alias().serving()).isEqualTo(last.id());
    }

    @Test
    void aFailedBuildChangesNothing() throws Exception {
        Revision first = bench.deploy(Specs.app(), DeploymentStrategy.RECREATE);
        RevisionSpec impossible = spec("impossible", "");

        assertThatThrownBy(() -> bench.deploy(impossible, DeploymentStrategy.RECREATE))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("impossible");

        assertThat(bench.route().alias().serving()).isEqualTo(first.id());
        assertThat(deployment.aliases().revisions("ada", HELLO)).hasSize(1);
    }

    @Test
    void whoeverWaitsHearsWhyARevisionWasGivenUp() throws Exception {
        Revision first = bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);
        Revision second = bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);
        FutureTask<Void> waiting = awaiting(second.id());

        deployment.deployer().abandon(HELLO, second.id(), "setup() raised KeyError");

        assertThatThrownBy(waiting::get)
                .hasRootCauseInstanceOf(Refusal.class)
                .hasMessageContaining("setup() raised KeyError");
        assertThat(bench.route().alias().serving()).isEqualTo(first.id());
        assertThat(bench.route().alias().next()).isNull();
        assertThat(deployment.aliases().revisions("ada", HELLO).getFirst().givenUp())
                .isEqualTo("setup() raised KeyError");
    }

    @Test
    void whoeverWaitsHearsWhenARevisionServes() throws Exception {
        bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);
        Revision second = bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);
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
                bench.deploy(
                        Specs.app(wide, Timeouts.DEFAULT, List.of("L")),
                        DeploymentStrategy.RECREATE);
        bench.deploy(Specs.app(), DeploymentStrategy.RECREATE);
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
                new FutureTask<>(
                        () -> bench.deploy(spec("endless", ""), DeploymentStrategy.ROLLING));
        Thread thread = Thread.startVirtualThread(deploying);
        org.awaitility.Awaitility.await().until(() -> !bench.builder.orders.isEmpty());

        thread.interrupt();

        assertThatThrownBy(deploying::get).hasRootCauseInstanceOf(InterruptedException.class);
        assertThat(deployment.routes().find(HELLO)).isNull();
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

    private static Aliases.Tuning tuning(int max) {
        return new Aliases.Tuning(
                null, null, max, null, null, null, null, null, null, null, List.of(), List.of());
    }
}
