package mews.deploy;

import static mews.deploy.DeployBench.HELLO;
import static mews.deploy.DeployBench.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Refusal;
import mews.model.Revision;
import mews.testing.Specs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is recorded of deploys, and what others see of it.
class DeployRecordsIT {
    private final DeployBench bench = new DeployBench();
    private final Deployment deployment = bench.deployment;

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void anotherLifeOfTheServerKnowsAllButTheRuns() throws Exception {
        bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);
        bench.deploy(spec("flask", "x"), DeploymentStrategy.ROLLING, AuthMode.SHARED, true);
        deployment.aliases().rollout(HELLO);
        Alias run =
                deployment.deployer().run("ada", "run", Specs.app(), AuthMode.PUBLIC, line -> {});

        Deployment later = bench.open();

        assertThat(later.routes().find(HELLO))
                .usingRecursiveComparison()
                .isEqualTo(deployment.routes().find(HELLO));
        assertThat(later.routes().find(run.app())).isNull();
        assertThat(later.aliases().revision(run.serving())).isEmpty();
    }

    @Test
    void whatMayHoldATokenIsNotReadableInTheDatabase() throws Exception {
        bench.deploy(
                spec("https://user:t0ken@index/x.whl", "KEY = 't0ken'"),
                DeploymentStrategy.ROLLING);

        List<byte[]> cells = new ArrayList<>();
        for (String column : List.of("environment", "callable", "source_code", "settings")) {
            cells.addAll(
                    bench.database.list(
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
        Revision revision = bench.deploy(Specs.app(), DeploymentStrategy.ROLLING);
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
        Revision first = bench.deploy(Specs.app(), DeploymentStrategy.RECREATE);
        Revision second = bench.deploy(Specs.app(), DeploymentStrategy.RECREATE);

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
        bench.deploy(Specs.app(), DeploymentStrategy.RECREATE);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            writers.add(Thread.startVirtualThread(() -> deployment.aliases().rollout(HELLO)));
        }
        for (Thread writer : writers) {
            writer.join();
        }

        assertThat(bench.route().alias().generation()).isEqualTo(20);
        assertThat(bench.open().routes().find(HELLO))
                .satisfies(found -> assertThat(found.alias().generation()).isEqualTo(20));
    }

    @Test
    void listenersSeeTheNewRowAndOnlyRealChanges() throws Exception {
        List<UUID> seen = new CopyOnWriteArrayList<>();
        deployment.routes().onChange(app -> seen.add(bench.route().alias().serving()));

        Revision revision = bench.deploy(Specs.app(), DeploymentStrategy.RECREATE);
        deployment.deployer().promote(HELLO, revision.id());

        assertThat(seen).containsExactly(revision.id());
    }
}
