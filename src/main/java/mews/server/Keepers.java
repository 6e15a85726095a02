package mews.server;

import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import mews.account.AccountTable;
import mews.account.Accounts;
import mews.account.KeyRing;
import mews.account.Keys;
import mews.account.SealedSecrets;
import mews.account.Secrets;
import mews.account.Teams;
import mews.base.Home;
import mews.base.Seal;
import mews.control.ControlRooms;
import mews.history.FactStore;
import mews.history.History;
import mews.logs.LogStore;
import mews.logs.Logs;
import mews.sql.Database;
import mews.sql.EmbeddedPostgres;
import mews.storage.AppFiles;
import mews.storage.BlobFolder;
import mews.storage.Parts;
import mews.storage.Uploads;

/// What is kept whether anything runs or not: the database and the rooms that need little else.
record Keepers(
        Database database,
        Seal seal,
        Accounts accounts,
        Keys keys,
        Teams teams,
        Secrets secrets,
        Logs logs,
        History history,
        ControlRooms.FileRooms files) {
    static Keepers open(Home home, ServerConfig config, InstantSource clock, Shutdown shutdown)
            throws IOException {
        Seal seal = SealingKeys.seal(home);
        Database database = database(home, config.sql(), shutdown);
        AccountTable accounts = new AccountTable(database, clock);
        SealedSecrets secrets = new SealedSecrets(database, seal, clock);
        accounts.onEnvironmentGone(secrets::forget);
        Keys keys = new KeyRing(database, clock);
        FirstStart.account(home, accounts, keys);
        LogStore logs = new LogStore(database, clock, config.logs().retention());
        shutdown.later("logs", logs);
        FactStore history = new FactStore(database, clock, config.history().retention());
        shutdown.later("history", history);
        return new Keepers(
                database,
                seal,
                accounts,
                keys,
                new Teams(database, accounts, keys, clock),
                secrets,
                logs,
                history,
                files(home, database, clock, shutdown));
    }

    private static ControlRooms.FileRooms files(
            Home home, Database database, InstantSource clock, Shutdown shutdown)
            throws IOException {
        BlobFolder blobs = new BlobFolder(home.files());
        Parts parts = new Parts(home.files(), clock);
        Uploads uploads = new Uploads(database, home.files(), parts, clock);
        shutdown.later("uploads", uploads);
        return new ControlRooms.FileRooms(blobs, new AppFiles(blobs, parts), parts, uploads);
    }

    private static Database database(Home home, ServerConfig.Sql config, Shutdown shutdown)
            throws IOException {
        String url = config.url();
        if (url == null) {
            Files.createDirectories(home.logs());
            EmbeddedPostgres postgres =
                    EmbeddedPostgres.start(
                            home.tools(),
                            home.postgres(),
                            home.logs().resolve("postgres.log"),
                            true);
            shutdown.later("postgres", postgres);
            url = postgres.url();
        }
        return shutdown.later("database", Database.open(url, config.connections()));
    }
}
