package mews.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import mews.model.AppName;
import mews.model.LogLine;
import mews.sql.Database;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class LogStoreIT {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration RETENTION = Duration.ofDays(30);
    private static final Database DATABASE = TestDatabase.fresh();
    private static final LogStore LOGS =
            new LogStore(DATABASE, InstantSource.fixed(NOW), RETENTION);

    @AfterAll
    static void close() {
        LOGS.close();
        DATABASE.close();
    }

    @Test
    void givesTheNewestFirstInTheOrderSaid() {
        for (int i = 0; i < 1200; i++) {
            LOGS.append(line("order", NOW, null, "line " + i));
        }
        LOGS.append(line("order", NOW.minusSeconds(1), null, "older"));
        LOGS.flush();

        List<LogLine> lines = LOGS.query(LogQuery.of("order").withLimit(5000));

        assertThat(lines).hasSize(1201);
        assertThat(lines.getFirst().message()).isEqualTo("line 1199");
        assertThat(lines.get(1199).message()).isEqualTo("line 0");
        assertThat(lines.getLast().message()).isEqualTo("older");
    }

    @Test
    void keepsAllThatALineSays() {
        LogLine line =
                new LogLine(
                        NOW,
                        LogLine.Level.STDERR,
                        LogLine.Source.USER,
                        "whole",
                        new AppName("whole", "app"),
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        "Grüße");
        LOGS.append(line);
        LOGS.flush();
        assertThat(LOGS.query(LogQuery.of("whole").withApp(new AppName("whole", "app"))))
                .containsExactly(line);
    }

    @Test
    void findsByRequestTimeTextAndAccountOnly() {
        UUID request = UUID.randomUUID();
        LOGS.append(line("find", NOW, request, "a Needle"));
        LOGS.append(line("find", NOW.plusSeconds(1), request, "other"));
        LOGS.append(line("strange", NOW, request, "a needle of a stranger"));
        LOGS.flush();

        LogQuery query = LogQuery.of("find").withRequest(request);
        LogQuery needle =
                new LogQuery("find", null, null, null, null, null, null, "nEEdle", null, 10);
        assertThat(messages(query)).containsExactly("other", "a Needle");
        assertThat(messages(query.between(NOW.plusSeconds(1), null))).containsExactly("other");
        assertThat(messages(query.between(null, NOW.plusSeconds(1)))).containsExactly("a Needle");
        assertThat(messages(needle)).containsExactly("a Needle");
    }

    @Test
    void keepsWhatPostgresCannotHold() {
        LOGS.append(line("odd", NOW, null, "nul \0 half \ud83d end"));
        LOGS.append(line("odd", NOW, null, "x".repeat(100_000)));
        LOGS.flush();
        assertThat(messages(LogQuery.of("odd")).getLast()).isEqualTo("nul \ufffd half \ufffd end");
        assertThat(messages(LogQuery.of("odd")).getFirst()).endsWith("(34464 more characters)");
    }

    @Test
    void tellsFollowersUntilTheyLeave() throws Exception {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        try (var following =
                LOGS.follow(LogQuery.of("follow"), line -> heard.add(line.message()))) {
            assertThat(following).isNotNull();
            LOGS.append(line("follow", NOW, null, "one"));
            LOGS.append(line("else", NOW, null, "not mine"));
        }
        LOGS.append(line("follow", NOW, null, "two"));
        assertThat(heard).containsExactly("one");
    }

    @Test
    void forgetsWhatIsOlderThanItsRetention() {
        LOGS.append(line("old", NOW.minus(RETENTION).minusSeconds(1), null, "gone"));
        LOGS.append(line("old", NOW.minus(RETENTION).plusSeconds(1), null, "kept"));
        LOGS.flush();
        try (var restarted = new LogStore(DATABASE, InstantSource.fixed(NOW), RETENTION)) {
            await().until(
                            () ->
                                    restarted.query(LogQuery.of("old")).stream()
                                            .map(LogLine::message)
                                            .toList(),
                            List.of("kept")::equals);
        }
    }

    private static List<String> messages(LogQuery query) {
        return LOGS.query(query).stream().map(LogLine::message).toList();
    }

    private static LogLine line(
            String account, Instant at, @Nullable UUID request, String message) {
        return new LogLine(
                at,
                LogLine.Level.STDOUT,
                LogLine.Source.USER,
                account,
                null,
                null,
                null,
                request,
                message);
    }
}
