package mews.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.AppName;
import mews.model.RunnerView;
import org.jspecify.annotations.Nullable;

/// Runners that come up although nobody needs them any more, since others served what they were
/// ordered for. One that is not ready yet is kept no longer than one that idles. For one thread.
final class Needless {
    /// @param surplusSince null while all of them are wanted
    /// @param served when a runner was last seen ready
    private record Watched(@Nullable Instant surplusSince, @Nullable Instant served) {}

    private final Map<AppName, Watched> watched = new HashMap<>();

    /// @param surplus how many runners there are beyond those that are wanted, all told
    /// @param patience how long an idle runner that was never used would be kept
    /// @return those to give up now, the last ordered first. None that was ordered when no other
    ///   was ready since: callers who leave and come again would see to it that it never gets there
    List<UUID> of(AppName app, Snapshot snapshot, int surplus, Duration patience, Instant now) {
        List<RunnerView> starting =
                snapshot.current().stream().filter(each -> !Snapshot.ready(each)).toList();
        if (starting.isEmpty()) {
            watched.remove(app);
            return List.of();
        }
        Watched before = watched.getOrDefault(app, new Watched(null, null));
        Instant served = snapshot.readyCurrent().isEmpty() ? before.served() : now;
        Instant began = before.surplusSince() == null ? now : before.surplusSince();
        Instant since = surplus > 0 ? began : null;
        watched.put(app, new Watched(since, served));
        if (since == null || served == null || now.isBefore(since.plus(patience))) {
            return List.of();
        }
        return starting.stream()
                .filter(each -> !each.createdAt().isAfter(served))
                .sorted(Comparator.comparing(RunnerView::createdAt).reversed())
                .limit(surplus)
                .map(RunnerView::id)
                .toList();
    }

    void forget(AppName app) {
        watched.remove(app);
    }
}
