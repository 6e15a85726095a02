package mews.place;

import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import mews.model.RunnerView;

/// Which runner goes first: the longest idle, then the least busy, then the oldest.
public final class DrainOrder {
    private static final Comparator<RunnerView> FIRST_TO_GO =
            Comparator.comparing((RunnerView runner) -> runner.inFlight() > 0)
                    .thenComparing(RunnerView::inFlight)
                    .thenComparing(DrainOrder::idleRank)
                    .thenComparing(RunnerView::createdAt)
                    .thenComparing(RunnerView::id);

    private DrainOrder() {}

    /// @param busyToo false: only runners that serve nothing
    /// @return at most `count` ids
    public static List<UUID> pick(List<RunnerView> ready, int count, boolean busyToo) {
        return ready.stream()
                .filter(runner -> busyToo || runner.inFlight() == 0)
                .sorted(FIRST_TO_GO)
                .limit(count)
                .map(RunnerView::id)
                .toList();
    }

    private static long idleRank(RunnerView runner) {
        var since = runner.idleSince();
        return since == null ? Long.MAX_VALUE : since.toEpochMilli();
    }
}
