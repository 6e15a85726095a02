package mews.deploy;

import java.time.InstantSource;
import mews.base.Seal;
import mews.build.EnvironmentBuilder;
import mews.logs.Logs;
import mews.model.MachineCatalog;
import mews.sql.Database;

/// This room's doors, over the same tables.
public record Deployment(
        Deployer deployer,
        Aliases aliases,
        Routes routes,
        Environments environments,
        Workflows workflows) {
    /// Reads all aliases into memory; runs of an earlier life of the server are removed.
    ///
    /// @param machines tells what kind of machine an environment is built for
    /// @param logs take what is said when a lost environment is made again
    public static Deployment open(
            Database database,
            Seal seal,
            EnvironmentBuilder builder,
            MachineCatalog machines,
            Logs logs,
            InstantSource clock) {
        Revisions revisions = new Revisions(database, seal);
        AliasTable aliases = new AliasTable(database, revisions);
        aliases.load();
        BuildOrders orders = new BuildOrders(machines);
        return new Deployment(
                new Deploys(builder, orders, revisions, aliases, clock),
                new Tuned(revisions, aliases),
                aliases,
                new Environments(builder, orders, revisions, aliases, logs),
                new Workflows(database));
    }
}
