package mews.scale;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What is known of runners that are not ready yet, and of how long things take with this app.
///
/// @param since when each of them was ordered
/// @param startup longest that recent starts took; zero = not known
/// @param service longest that a recent request took on its runner; zero = not known
public record Coming(List<Instant> since, Duration startup, Duration service) {
    /// Nothing is foreseen from it.
    public static final Coming UNKNOWN = new Coming(List.of(), Duration.ZERO, Duration.ZERO);

    /// A runner that has taken so many times as long as usual is not counted upon.
    private static final int LATE = 2;

    public Coming {
        since = List.copyOf(since);
    }

    /// How many requests the ones coming up will have served, each beyond its first ones, by the
    /// time a runner that is ordered now could take its first.
    ///
    /// @param slots requests at once per runner
    long servedMeanwhile(int slots, Instant now) {
        if (startup.isZero() || service.isZero()) {
            return 0;
        }
        return since.stream().mapToLong(ordered -> rounds(ordered, now) * slots).sum();
    }

    private long rounds(Instant ordered, Instant now) {
        Duration age = Duration.between(ordered, now);
        if (age.isNegative() || age.compareTo(startup.multipliedBy(LATE)) > 0) {
            return 0;
        }
        Duration ahead = age.compareTo(startup) < 0 ? age : startup;
        return ahead.dividedBy(service);
    }
}
