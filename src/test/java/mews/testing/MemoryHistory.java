package mews.testing;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import mews.history.History;
import mews.model.AppName;
import mews.model.Fact;

/// Facts in a list.
public final class MemoryHistory implements History {
    private final List<Fact> facts = new CopyOnWriteArrayList<>();

    @Override
    public void record(Fact fact) {
        facts.add(fact);
    }

    @Override
    public List<Fact> of(Fact.Subject subject, String id) {
        return facts.stream()
                .filter(fact -> fact.subject() == subject && fact.id().equals(id))
                .toList();
    }

    @Override
    public List<Fact> between(Fact.Subject subject, String id, Instant from, Instant to) {
        return of(subject, id).stream()
                .filter(fact -> !fact.at().isBefore(from) && !fact.at().isAfter(to))
                .toList();
    }

    @Override
    public Optional<Fact> last(Fact.Subject subject, String id, String event, Instant at) {
        return between(subject, id, Instant.MIN, at).stream()
                .filter(fact -> fact.event().equals(event))
                .reduce((first, second) -> second);
    }

    /// Names of what happened, in order.
    public List<String> events(Fact.Subject subject, String id) {
        return of(subject, id).stream().map(Fact::event).toList();
    }

    @Override
    public void forget(AppName app) {
        facts.removeIf(fact -> app.equals(fact.app()));
    }

    @Override
    public void flush() {}
}
