package mews.deploy;

import java.time.InstantSource;
import mews.base.Seal;
import mews.build.EnvironmentBuilder;
import mews.model.MachineCatalog;
import mews.sql.Database;

/// This room's doors, over the same tables.
public record Deployment(Deployer deployer, Aliases aliases, Routes routes) {
    /// Reads all aliases into memory; runs of an earlier life of the server are removed.
    ///
    /// @param machines tells what kind of machine an environment is built for
    public static Deployment open(
            Database database,
            Seal seal,
            EnvironmentBuilder builder,
            MachineCatalog machines,
            InstantSource clock) {
        Revisions revisions = new Revisions(database, seal);
        AliasTable aliases = new AliasTable(database, revisions);
        aliases.load();
        return new Deployment(
                new Deploys(builder, machines, revisions, aliases, clock),
                new Tuned(revisions, aliases),
                aliases);
    }
}
