package mews.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.sql.Database;
import mews.sql.EmbeddedPostgres;

/// One PostgreSQL for all tests of this JVM, started at first use and gone with the JVM; a migrated
/// database of its own for whoever asks. It forgets on power loss, which makes it quick.
public final class TestDatabase {
    private static final Path SHARED =
            Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "mews-test-" + System.getProperty("user.name"));
    private static final String TEMPLATE = "migrated";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private TestDatabase() {}

    private static final class Holder {
        static final EmbeddedPostgres POSTGRES = start();
        static final Database ADMIN = template();
    }

    /// A new, migrated, empty database; close it or leave it to the end of the JVM.
    public static Database fresh() {
        return Database.open(freshUrl(), 8);
    }

    /// The same without connecting, for a server under test.
    public static String freshUrl() {
        String name = "test_" + NUMBER.incrementAndGet();
        synchronized (Holder.class) {
            Holder.ADMIN.update("CREATE DATABASE " + name + " TEMPLATE " + TEMPLATE);
        }
        return Holder.POSTGRES.url(name);
    }

    /// Where unpacked programs are kept between runs.
    public static Path tools() {
        return SHARED.resolve("tools");
    }

    private static EmbeddedPostgres start() {
        Path folder = SHARED.resolve("postgres-" + ProcessHandle.current().pid());
        sweep();
        EmbeddedPostgres postgres =
                EmbeddedPostgres.start(tools(), folder, folder.resolve("log"), false);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> {
                            postgres.close();
                            delete(folder);
                        }));
        return postgres;
    }

    private static Database template() {
        Database admin = Database.open(Holder.POSTGRES.url("mews"), 1);
        admin.update("CREATE DATABASE " + TEMPLATE);
        Database.open(Holder.POSTGRES.url(TEMPLATE), 1).close();
        return admin;
    }

    /// Folders of JVMs that were killed.
    private static void sweep() {
        if (!Files.isDirectory(SHARED)) {
            return;
        }
        try (Stream<Path> folders = Files.list(SHARED)) {
            folders.filter(folder -> folder.getFileName().toString().startsWith("postgres-"))
                    .filter(folder -> ProcessHandle.of(pid(folder)).isEmpty())
                    .forEach(TestDatabase::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long pid(Path folder) {
        return Long.parseLong(folder.getFileName().toString().substring("postgres-".length()));
    }

    private static void delete(Path tree) {
        try {
            // Another JVM may sweep the same folder.
            Folders.delete(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
