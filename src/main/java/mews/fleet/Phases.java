package mews.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.history.History;
import mews.model.AppName;
import mews.model.Fact;
import org.jspecify.annotations.Nullable;

/// When each phase of a start began and how long it took, kept as facts.
final class Phases {
    private record Phase(String name, Instant began) {}

    private final History history;
    private final UUID runner;
    private final AppName app;
    private final List<Phase> begun = new ArrayList<>();
    private boolean told;

    Phases(History history, UUID runner, AppName app) {
        this.history = history;
        this.runner = runner;
        this.app = app;
    }

    void begin(String name, Instant at) {
        if (!told) {
            begun.add(new Phase(name, at));
        }
    }

    /// @return the phase that runs now and since when, for a message; null before the first
    @Nullable String running(Instant now) {
        if (begun.isEmpty()) {
            return null;
        }
        Phase last = begun.getLast();
        return "'%s' (for %d s)"
                .formatted(last.name(), Duration.between(last.began(), now).toSeconds());
    }

    /// Records one fact per phase, the last ending at `end`. Only the first call counts.
    void tell(Instant end) {
        if (told) {
            return;
        }
        told = true;
        for (int i = 0; i < begun.size(); i++) {
            Phase phase = begun.get(i);
            Instant next = i + 1 < begun.size() ? begun.get(i + 1).began() : end;
            long millis = Math.max(0, Duration.between(phase.began(), next).toMillis());
            fact(phase.began(), "phase", Map.of("name", phase.name(), "ms", Long.toString(millis)));
        }
    }

    void fact(Instant at, String event, Map<String, String> details) {
        history.record(new Fact(at, Fact.Subject.RUNNER, runner.toString(), app, event, details));
    }
}
