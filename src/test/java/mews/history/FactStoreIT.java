package mews.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import mews.model.AppName;
import mews.model.Fact;
import mews.sql.Database;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class FactStoreIT {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration RETENTION = Duration.ofDays(30);
    private static final Database DATABASE = TestDatabase.fresh();

    @AfterAll
    static void close() {
        DATABASE.close();
    }

    @Test
    void tellsTheFactsOfOneThingOldestFirst() {
        try (FactStore facts = new FactStore(DATABASE, InstantSource.fixed(NOW), RETENTION)) {
            Fact queued = fact("r1", NOW, "queued");
            Fact admitted = fact("r1", NOW.plusMillis(3), "admitted");
            facts.record(queued);
            facts.record(fact("r2", NOW, "queued"));
            facts.record(admitted);
            facts.flush();
            assertThat(facts.of(Fact.Subject.REQUEST, "r1")).containsExactly(queued, admitted);
            assertThat(facts.of(Fact.Subject.RUNNER, "r1")).isEmpty();
        }
    }

    @Test
    void forgetsWhatIsOlderThanItsRetention() {
        try (FactStore facts = new FactStore(DATABASE, InstantSource.fixed(NOW), RETENTION)) {
            facts.record(fact("old", NOW.minus(RETENTION).minusSeconds(1), "gone"));
        }
        try (FactStore facts = new FactStore(DATABASE, InstantSource.fixed(NOW), RETENTION)) {
            await().until(() -> facts.of(Fact.Subject.REQUEST, "old"), List::isEmpty);
        }
    }

    private static Fact fact(String id, Instant at, String event) {
        return new Fact(
                at,
                Fact.Subject.REQUEST,
                id,
                new AppName("local", "app"),
                event,
                Map.of("runner_id", "x"));
    }
}
