package mews.deploy;

import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import mews.base.Seal;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.MachineCatalog;
import mews.model.Revision;
import mews.model.RevisionSpec;
import mews.model.Route;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.sql.Database;
import mews.testing.FakeBuilder;
import mews.testing.MemoryLogs;
import mews.testing.Specs;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;

/// A deployment on a database of its own, with one app to deploy.
final class DeployBench implements AutoCloseable {
    static final AppName HELLO = new AppName("ada", "hello");
    static final Seal SEAL = new Seal(new byte[32]);

    final Database database = TestDatabase.fresh();
    final FakeBuilder builder = new FakeBuilder();
    final Deployment deployment = open();

    /// Another life of the server.
    Deployment open() {
        return Deployment.open(
                database,
                SEAL,
                builder,
                MachineCatalog.standard(),
                new MemoryLogs(),
                InstantSource.system());
    }

    Route route() {
        return Objects.requireNonNull(deployment.routes().find(HELLO));
    }

    Revision deploy(RevisionSpec spec, DeploymentStrategy strategy) throws InterruptedException {
        return deploy(spec, strategy, null, false);
    }

    Revision deploy(
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

    static RevisionSpec spec(String requirement, String source) {
        return Specs.app(
                Specs.environment(requirement),
                ScalePolicy.DEFAULT,
                Timeouts.DEFAULT,
                List.of("S"),
                source);
    }

    @Override
    public void close() {
        database.close();
    }
}
