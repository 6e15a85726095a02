package mews.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
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

/// What is recorded of deploys, and what others see of it.
class DeployRecordsIT {
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
    void anotherLifeOfTheServerKnowsAllButTheRuns() throws Exception {
        deploy(Specs.app(), DeploymentStrategy.ROLLING);
        deploy(spec("flask", "x"), DeploymentStrategy.ROLLING, AuthMode.SHARED, true);
        deployment.aliases().rollout(HELLO);
        Alias run =
                deployment.deployer().run("ada", "run", Specs.app(), AuthMode.PUBLIC, line -> {});

        Deployment later = open();

        assertThat(later.routes().find(HELLO))
                .usingRecursiveComparison()
                .isEqualTo(deployment.routes().find(HELLO));
        assertThat(later.routes().find(run.app())).isNull();
        assertThat(later.aliases().revision(run.serving())).isEmpty();
    }

    @Test
    void whatMayHoldATokenIsNotReadableInTheDatabase() throws Exception {
        deploy(spec("https://user:t0ken@index/x.whl", "KEY = 't0ken'"), DeploymentStrategy.ROLLING);

        List<byte[]> cells = new ArrayList<>();
        for (String column : List.of("environment", "callable", "source_code", "settings")) {
            cells.addAll(
                    database.list(
                            "SELECT %s FROM revision".formatted(column),
                            (row, context) -> row.getBytes(1)));
        }

        assertThat(cells).hasSize(4);
        for (byte[] cell : cells) {
            assertThat(new String(cell, StandardCharsets.ISO_8859_1)).doesNotContain("t0ken");
        }
    }

    @Test
    void anAliasMayPointToARevisionOfAnotherName() throws Exception {
        Revision revision = deploy(Specs.app(), DeploymentStrategy.ROLLING);
        AppName other = new AppName("ada", "other");

        deployment.aliases().point(other, revision.id(), AuthMode.PUBLIC, null);

        assertThat(deployment.routes().find(other))
                .satisfies(found -> assertThat(found.revision().app()).isEqualTo(other));
        assertThatThrownBy(() ->
                        deployment
                                .aliases()
                                .point(new AppName("eve", "x"), revision.id(), null, null))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("not found");
    }

    @Test
    void aRevisionInUseIsNotDeleted() throws Exception {
        Revision first = deploy(Specs.app(), DeploymentStrategy.RECREATE);
        Revision second = deploy(Specs.app(), DeploymentStrategy.RECREATE);

        assertThatThrownBy(() -> deployment.aliases().deleteRevision("ada", second.id()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("in use by 'hello'");
        assertThatThrownBy(() -> deployment.aliases().deleteRevision("eve", first.id()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("not found");
        deployment.aliases().deleteRevision("ada", first.id());
        assertThat(deployment.aliases().revision(first.id())).isEmpty();
    }

    @Test
    void manyWritersAreOrderedAndMemoryShowsTheLast() throws Exception {
        deploy(Specs.app(), DeploymentStrategy.RECREATE);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            writers.add(Thread.startVirtualThread(() -> deployment.aliases().rollout(HELLO)));
        }
        for (Thread writer : writers) {
            writer.join();
        }

        assertThat(route().alias().generation()).isEqualTo(20);
        assertThat(open().routes().find(HELLO))
                .satisfies(found -> assertThat(found.alias().generation()).isEqualTo(20));
    }

    @Test
    void listenersSeeTheNewRowAndOnlyRealChanges() throws Exception {
        List<UUID> seen = new CopyOnWriteArrayList<>();
        deployment.routes().onChange(app -> seen.add(route().alias().serving()));

        Revision revision = deploy(Specs.app(), DeploymentStrategy.RECREATE);
        deployment.deployer().promote(HELLO, revision.id());

        assertThat(seen).containsExactly(revision.id());
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
}
