package mews.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/// Waits until a postmaster takes connections.
///
/// @param url of a database that exists in every cluster
/// @param log shown when the process ends instead
record Readiness(String url, Process process, Path log) {
    /// Replaying the log of a crash may take long; a dead process is noticed at once.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Duration STEP = Duration.ofMillis(20);
    private static final int SHOWN_LINES = 10;

    /// @throws IllegalStateException with the end of its log if it does not come up
    void await() {
        long until = System.nanoTime() + PATIENCE.toNanos();
        SQLException last = null;
        while (process.isAlive() && System.nanoTime() < until) {
            try (Connection _ = DriverManager.getConnection(url)) {
                return;
            } catch (SQLException e) {
                last = e;
            }
            pause();
        }
        throw new IllegalStateException("PostgreSQL did not come up: " + tail(), last);
    }

    static void createDatabase(String url, String name) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            try (ResultSet there =
                    statement.executeQuery(
                            "SELECT 1 FROM pg_database WHERE datname = '%s'".formatted(name))) {
                if (there.next()) {
                    return;
                }
            }
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("database '%s' cannot be made".formatted(name), e);
        }
    }

    private String tail() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(
                    "\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
        } catch (IOException e) {
            return "its log %s cannot be read".formatted(log);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(STEP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL starts", e);
        }
    }
}
