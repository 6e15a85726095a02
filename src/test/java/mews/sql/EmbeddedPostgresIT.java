package mews.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import mews.base.Folders;
import mews.model.Refusal;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddedPostgresIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private Path home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Files.createTempDirectory("mews-postgres");
    }

    @AfterEach
    void removeHome() throws IOException {
        if (Files.exists(folder().resolve("data"))) {
            new Leftovers(folder().resolve("data")).clear();
        }
        Folders.delete(home);
    }

    @Test
    void keepsItsDataAndItsPortOverARestart() {
        String before;
        try (var postgres = start();
                var database = Database.open(postgres.url(), 1)) {
            before = postgres.url();
            database.update("CREATE TABLE kept AS SELECT 'Ä' AS word");
        }
        try (var postgres = start();
                var database = Database.open(postgres.url(), 1)) {
            assertThat(postgres.url()).isEqualTo(before);
            assertThat(database.list("SELECT lower(word) FROM kept", (row, _) -> row.getString(1)))
                    .containsExactly("ä");
        }
        assertThat(postmasters()).isEmpty();
    }

    @Test
    void comesBackWhenThePostmasterIsKilled() {
        try (var postgres = start();
                var database = Database.open(postgres.url(), 2)) {
            database.update("CREATE TABLE kept AS SELECT 1 AS number");
            postmasters().forEach(ProcessHandle::destroyForcibly);
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(
                            () ->
                                    database.list(
                                            "SELECT number FROM kept", (row, _) -> row.getInt(1)),
                            List.of(1)::equals);
        }
    }

    @Test
    void stopsAPostmasterThatLostItsLifelineAndStartsAnother() {
        try (var postgres = start();
                var database = Database.open(postgres.url(), 2)) {
            long orphan = postmasters().getFirst().pid();
            ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
            await().atMost(PATIENCE).until(() -> ProcessHandle.of(orphan).isEmpty());
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(
                            () -> database.list("SELECT 1", (row, _) -> row.getInt(1)),
                            List.of(1)::equals);
        }
    }

    @Test
    void startsOverALockFileThatNamesSomeOtherProcess() throws IOException {
        start().close();
        Path lock = folder().resolve("data/postmaster.pid");
        Files.writeString(lock, ProcessHandle.current().pid() + "\n");
        try (var postgres = start();
                var database = Database.open(postgres.url(), 1)) {
            assertThat(database.list("SELECT 1", (row, _) -> row.getInt(1))).containsExactly(1);
        }
    }

    @Test
    void namesTheFolderThatItsUserCannotEnter() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")));
        Path closed = Files.createDirectories(home.resolve("closed/inner"));
        Files.setPosixFilePermissions(
                home.resolve("closed"), PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
        assertThatThrownBy(() ->
                        EmbeddedPostgres.start(
                                TestDatabase.tools(),
                                closed.resolve("postgres"),
                                closed.resolve("log"),
                                true))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("cannot enter " + home.resolve("closed") + ";");
    }

    private EmbeddedPostgres start() {
        return EmbeddedPostgres.start(
                TestDatabase.tools(), folder(), home.resolve("postgres.log"), true);
    }

    private Path folder() {
        return home.resolve("postgres");
    }

    private List<ProcessHandle> postmasters() {
        return ProcessHandle.current()
                .descendants()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .filter(line -> line.contains("bin/postgres -D " + folder()))
                                .isPresent())
                .filter(process -> !process.info().command().orElse("").endsWith("sh"))
                .toList();
    }
}
