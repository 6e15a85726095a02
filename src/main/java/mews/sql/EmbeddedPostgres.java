package mews.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mews.base.Folders;
import mews.base.Ids;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL of our own: unpacked, initialised, started as a child on a loopback port, started
/// again if it dies, and stopped with us. If this process dies without a word, the database sees
/// its pipe close and shuts down too; what still runs at the next start is stopped first.
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final String SUPERUSER = "mews";
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    private static final Duration RESTART_PAUSE = Duration.ofMillis(500);
    private static final long LOG_BYTES = 10_000_000;

    /// Holds our pipe for the postmaster: its end is a fast shutdown. A shell of its own session,
    /// so that Ctrl-C in a terminal reaches the server alone, which stops the database last.
    private static final String LIFELINE =
            """
            exec 3<&0
            "$@" 3<&- </dev/null &
            postmaster=$!
            (read -r end <&3; kill -INT $postmaster) 2>/dev/null &
            lifeline=$!
            exec 3<&-
            wait $postmaster
            status=$?
            kill $lifeline 2>/dev/null
            exit $status
            """;

    private static final List<String> SETTINGS =
            List.of(
                    "listen_addresses=127.0.0.1",
                    "unix_socket_directories=",
                    "max_connections=100",
                    "shared_buffers=32MB",
                    "max_wal_size=256MB",
                    "min_wal_size=64MB",
                    "wal_level=minimal",
                    "max_wal_senders=0",
                    "jit=off",
                    "max_parallel_workers_per_gather=0",
                    "autovacuum_naptime=15s",
                    "timezone=UTC",
                    "log_timezone=UTC",
                    "log_min_messages=warning",
                    "log_min_error_statement=panic");

    private static final List<String> FORGETFUL =
            List.of("fsync=off", "synchronous_commit=off", "full_page_writes=off");

    private final Path folder;
    private final Path log;
    private final boolean durable;
    private final Path binaries;
    private final PostgresUser user;
    private final String password;
    private int port;
    private volatile @Nullable Process process;
    private volatile boolean closing;

    private EmbeddedPostgres(Path tools, Path folder, Path log, boolean durable)
            throws IOException {
        this.folder = Files.createDirectories(folder);
        this.log = log;
        this.durable = durable;
        this.binaries = PostgresBinaries.unpack(tools);
        this.user = PostgresUser.of(data());
        this.password = password(folder.resolve("password"));
    }

    /// Starts it and waits until it takes connections.
    ///
    /// @param tools where the programs are unpacked once
    /// @param folder its data, password and port; ours alone
    /// @param log its own output is appended there
    /// @param durable false only where losing everything is fine: in tests
    /// @throws Refusal if no user can run it or the folder cannot be reached
    public static EmbeddedPostgres start(Path tools, Path folder, Path log, boolean durable) {
        try {
            EmbeddedPostgres postgres = new EmbeddedPostgres(tools, folder, log, durable);
            postgres.prepare(tools);
            postgres.launch();
            Thread.ofVirtual().name("postgres-supervisor").start(postgres::supervise);
            postgres.createDatabase(SUPERUSER);
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL cannot be started in " + folder, e);
        }
    }

    /// Of Mews' own database, user and password included. Never log it.
    public String url() {
        return url(SUPERUSER);
    }

    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s&password=%s"
                .formatted(port, database, SUPERUSER, password);
    }

    /// Fast shutdown: running transactions are rolled back, everything committed stays.
    @Override
    public void close() {
        closing = true;
        Process running = process;
        if (running == null) {
            return;
        }
        try {
            running.getOutputStream().close();
            if (!running.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("database did not stop in time, killing it pid={}", running.pid());
                running.descendants().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly();
            }
        } catch (IOException e) {
            running.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    private void prepare(Path tools) throws IOException {
        Path home = folder.getParent();
        user.letEnter(folder);
        user.letEnter(tools);
        if (home != null) {
            user.letEnter(home);
        }
        user.mustReach(binaries.resolve("bin"));
        user.mustReach(folder);
        if (!Files.isDirectory(data())) {
            initialise();
        }
        new Leftovers(data()).clear();
    }

    /// Beside its final place and moved when complete, so that a killed attempt is never used.
    private void initialise() throws IOException {
        Path fresh = folder.resolve("data.new");
        Folders.delete(fresh);
        Files.createDirectory(
                fresh,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        user.own(fresh);
        Path told = Files.createTempFile(folder, "password", null);
        try {
            Files.writeString(told, password);
            user.own(told);
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    binaries.resolve("bin/initdb").toString(),
                                    "--pgdata=" + fresh,
                                    "--username=" + SUPERUSER,
                                    "--pwfile=" + told,
                                    "--auth=scram-sha-256",
                                    "--encoding=UTF8",
                                    "--locale=C",
                                    "--locale-provider=builtin",
                                    "--builtin-locale=C.UTF-8",
                                    "--no-instructions"));
            if (!durable) {
                command.add("--no-sync");
            }
            Shell.Ran ran = Shell.capture(user.wrap(command));
            if (ran.status() != 0) {
                throw new IllegalStateException(
                        "initdb failed with status %d: %s".formatted(ran.status(), ran.output()));
            }
        } finally {
            Files.deleteIfExists(told);
        }
        Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
    }

    private void launch() throws IOException {
        port = NotedPort.choose(folder.resolve("port"));
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(user.wrap(List.of("sh", "-c", LIFELINE, "sh")));
        command.addAll(
                List.of(binaries.resolve("bin/postgres").toString(), "-D", data().toString()));
        List<String> settings = new ArrayList<>(SETTINGS);
        settings.add("port=" + port);
        settings.addAll(durable ? List.of() : FORGETFUL);
        settings.forEach(setting -> command.addAll(List.of("-c", setting)));
        Path logFolder = log.getParent();
        if (logFolder != null) {
            Files.createDirectories(logFolder);
        }
        if (Files.exists(log) && Files.size(log) > LOG_BYTES) {
            Files.writeString(log, "", StandardOpenOption.TRUNCATE_EXISTING);
        }
        Process started =
                new ProcessBuilder(command)
                        .directory(Path.of("/").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        process = started;
        new Readiness(url("postgres"), started, log).await();
    }

    /// Starts the database again whenever it dies under us; connections of the pool come back by
    /// themselves, since the port stays.
    private void supervise() {
        while (!closing) {
            Process running = process;
            try {
                if (running != null && running.isAlive()) {
                    running.waitFor();
                }
                if (closing) {
                    return;
                }
                LOG.error("database died, starting it again log={}", log);
                Thread.sleep(RESTART_PAUSE);
                new Leftovers(data()).clear();
                launch();
                if (closing) {
                    close();
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException | RuntimeException e) {
                LOG.error("database could not be started again", e);
            }
        }
    }

    private void createDatabase(String name) {
        Readiness.createDatabase(url("postgres"), name);
    }

    private static String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            Path fresh =
                    Files.createTempFile(
                            file.getParent(),
                            ".password",
                            null,
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, Ids.token(24));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }
}
