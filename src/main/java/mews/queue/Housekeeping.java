package mews.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import mews.sql.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What becomes due without anybody asking: the end of a result's time, and files that no row names
/// because the server died between writing the one and the other.
final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(1);
    private static final int MOST_AT_ONCE = 1000;

    private record Gone(UUID id, boolean bodyInFile, String resultFile) {}

    private final Database database;
    private final Overflow overflow;
    private final InstantSource clock;
    private Instant nextSweep = Instant.MIN;

    Housekeeping(Database database, Overflow overflow, InstantSource clock) {
        this.database = database;
        this.overflow = overflow;
        this.clock = clock;
    }

    void sweepNowAndThen() {
        Instant now = clock.instant();
        if (!now.isBefore(nextSweep)) {
            nextSweep = now.plus(SWEEP_INTERVAL);
            int deleted = sweep(now);
            if (deleted > 0) {
                LOG.debug("requests past their retention deleted count={}", deleted);
            }
        }
    }

    /// Deletes what may no longer be read.
    ///
    /// @return how many requests
    int sweep(Instant now) {
        int deleted = 0;
        List<Gone> gone;
        do {
            gone =
                    database.list(
                            "delete from request where id in (select id from request"
                                    + " where state = 2 and expires_at <= ? limit ?)"
                                    + " returning id, body_in_file, result_file",
                            (row, context) ->
                                    new Gone(
                                            row.getObject("id", UUID.class),
                                            row.getBoolean("body_in_file"),
                                            java.util.Objects.requireNonNullElse(
                                                    row.getString("result_file"), "")),
                            now,
                            MOST_AT_ONCE);
            gone.forEach(this::deleteFiles);
            deleted += gone.size();
        } while (gone.size() == MOST_AT_ONCE);
        return deleted;
    }

    private void deleteFiles(Gone gone) {
        if (gone.bodyInFile) {
            overflow.delete(Overflow.requestName(gone.id));
        }
        if (!gone.resultFile.isEmpty()) {
            overflow.delete(gone.resultFile);
        }
    }

    /// Deletes files without a row. Only before the first request is taken: later a file may be
    /// waiting for its row.
    void deleteStrayFiles() {
        List<String> names = overflow.names();
        for (int from = 0; from < names.size(); from += MOST_AT_ONCE) {
            deleteStrays(names.subList(from, Math.min(names.size(), from + MOST_AT_ONCE)));
        }
    }

    private void deleteStrays(List<String> names) {
        List<UUID> ids = new ArrayList<>();
        names.forEach(name -> ids.add(UUID.fromString(name.substring(0, 36))));
        Set<String> wanted = new HashSet<>();
        database.list(
                        "select id, body_in_file, result_file from request where id = any(?)",
                        (row, context) ->
                                new Gone(
                                        row.getObject("id", UUID.class),
                                        row.getBoolean("body_in_file"),
                                        java.util.Objects.requireNonNullElse(
                                                row.getString("result_file"), "")),
                        (Object) ids.toArray(UUID[]::new))
                .forEach(row -> {
                    wanted.add(row.resultFile);
                    if (row.bodyInFile) {
                        wanted.add(Overflow.requestName(row.id));
                    }
                });
        for (String name : names) {
            if (!wanted.contains(name)) {
                overflow.delete(name);
            }
        }
    }
}
