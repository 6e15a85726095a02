package mews.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mews.base.Seal;
import mews.build.ImageUsers;
import mews.model.AppName;
import mews.model.DeploymentStrategy;
import mews.model.MachineCatalog;
import mews.model.Revision;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.sql.Database;
import mews.testing.FakeBuilder;
import mews.testing.MemoryLogs;
import mews.testing.Specs;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What becomes of the environments of revisions after they were built.
class EnvironmentsIT {
    private static final AppName HELLO = new AppName("ada", "hello");

    private final Database database = TestDatabase.fresh();
    private final FakeBuilder builder = new FakeBuilder();
    private final MemoryLogs logs = new MemoryLogs();
    private final Deployment deployment =
            Deployment.open(
                    database,
                    new Seal(new byte[32]),
                    builder,
                    MachineCatalog.standard(),
                    logs,
                    InstantSource.system());
    private final Environments environments = deployment.environments();

    @AfterEach
    void close() {
        environments.close();
        database.close();
    }

    @Test
    void oneThatWasLostIsMadeAgainAndSaysSoInTheAppsLog() throws Exception {
        Revision revision = deploy("six==1.0");
        List<AppName> changed = new CopyOnWriteArrayList<>();
        environments.onChange(changed::add);
        assertThat(environments.state(revision)).isInstanceOf(Environments.State.Ready.class);
        builder.missing.add(revision.image());

        assertThat(environments.state(revision)).isInstanceOf(Environments.State.Underway.class);

        await().until(() -> changed.equals(List.of(HELLO)));
        assertThat(environments.state(revision)).isInstanceOf(Environments.State.Ready.class);
        assertThat(logs.lines())
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.app()).isEqualTo(HELLO);
                    assertThat(line.revision()).isEqualTo(revision.id());
                });
    }

    @Test
    void oneThatCannotBeMadeAgainSaysWhyOnceAndIsTriedAgainLater() throws Exception {
        Revision revision = deploy("six==1.0");
        List<AppName> changed = new CopyOnWriteArrayList<>();
        environments.onChange(changed::add);
        builder.missing.add(revision.image());
        builder.vanished = true;

        environments.state(revision);
        await().until(() -> changed.size() == 1);

        assertThat(environments.state(revision))
                .isEqualTo(new Environments.State.Failed("package 'six==1.0' vanished"));
        builder.vanished = false;
        assertThat(environments.state(revision)).isInstanceOf(Environments.State.Underway.class);
        await().until(() -> changed.size() == 2);
        assertThat(environments.state(revision)).isInstanceOf(Environments.State.Ready.class);
    }

    @Test
    void whatServesAndTheNewestRevisionsStayOnDisk() throws Exception {
        Revision one = deploy("six==1.0");
        Revision two = deploy("six==2.0");
        Revision three = deploy("six==3.0");
        deployment.aliases().point(HELLO, one.id(), null, DeploymentStrategy.RECREATE);

        assertThat(environments.uses(1))
                .extracting(ImageUsers.Use::image)
                .containsOnly(one.image(), three.image());
        assertThat(environments.uses(2))
                .extracting(ImageUsers.Use::image)
                .containsOnly(one.image(), two.image(), three.image());
        deployment.aliases().point(HELLO, two.id(), null, DeploymentStrategy.ROLLING);
        assertThat(environments.uses(0))
                .extracting(ImageUsers.Use::by)
                .containsExactly("app hello", "app hello (next)");
        assertThat(environments.layers()).hasSize(3);
        deployment.deployer().remove(HELLO);
        assertThat(environments.uses(5)).isEmpty();
    }

    private Revision deploy(String pin) throws InterruptedException {
        var spec =
                Specs.app(
                        Specs.environment(pin),
                        ScalePolicy.DEFAULT,
                        Timeouts.DEFAULT,
                        List.of("S"),
                        "");
        return deployment
                .deployer()
                .deploy(
                        new Deployer.Registration(
                                HELLO, spec, null, DeploymentStrategy.RECREATE, false, false),
                        line -> {});
    }
}
