package mews.build;

import java.time.InstantSource;
import mews.base.Home;
import mews.base.Seal;
import mews.host.EnvironmentLayout;
import mews.sql.Database;

/// Shelves of a builder under test.
final class Shelved {
    private Shelved() {}

    static LayerStore.Shelves in(Home home, EnvironmentLayout layout, Database database) {
        return in(home, layout, database, 0);
    }

    static LayerStore.Shelves in(
            Home home, EnvironmentLayout layout, Database database, long leastFree) {
        InstantSource clock = InstantSource.system();
        return new LayerStore.Shelves(
                new LayerShelf(home, layout, clock),
                new PackageCache(home),
                new LockTable(database, new Seal(new byte[32]), clock),
                new DiskSpace(home.layers(), leastFree));
    }
}
