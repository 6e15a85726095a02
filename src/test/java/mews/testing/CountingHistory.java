package mews.testing;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import mews.history.History;
import mews.model.AppName;
import mews.model.Fact;

/// Counts how often each request ended, and keeps nothing else.
public final class CountingHistory implements History {
    private static final Set<String> ENDINGS = Set.of("completed", "cancelled", "expired");

    private final Map<String, Integer> ended = new ConcurrentHashMap<>();

    @Override
    public void record(Fact fact) {
        if (fact.subject() == Fact.Subject.REQUEST && ENDINGS.contains(fact.event())) {
            ended.merge(fact.id(), 1, Integer::sum);
        }
    }

    public int endings(UUID request) {
        return ended.getOrDefault(request.toString(), 0);
    }

    @Override
    public List<Fact> of(Fact.Subject subject, String id) {
        return List.of();
    }

    @Override
    public List<Fact> between(Fact.Subject subject, String id, Instant from, Instant to) {
        return List.of();
    }

    @Override
    public Optional<Fact> last(Fact.Subject subject, String id, String event, Instant at) {
        return Optional.empty();
    }

    @Override
    public void forget(AppName app) {}

    @Override
    public void flush() {}
}
