package mews.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import mews.model.ScalePolicy;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// No runner is started that could not be ready before those coming up have served what waits.
class ComingTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /// One runner is coming up, or as many as `ages` has entries. A start takes 2000 ms.
    @ParameterizedTest(name = "{0} waiting, {1} ms each, coming up for {2} ms: {4} more of {3}")
    @CsvSource({
        // waiting, service, ages, formula, started
        "5,    100, '1900',      4,  0", // it serves 19 further ones before another is ready
        "30,   100, '1900',      29, 10",
        "30,   100, '1900 1900', 28, 0",
        "5,    100, '0',         4,  4", // ordered now: all would be ready together
        "5,    100, '99',        4,  4", // not one round ahead
        "5,    100, '100',       4,  3",
        "5,   3000, '1900',      4,  4", // requests take longer than a start
        "5,    100, '2500',      4,  0", // a little late
        "5,    100, '4001',      4,  4", // so late that nobody counts on it
        "5,      0, '1900',      4,  4", // nothing is known of requests
        "5,    100, '',          5,  5", // nobody is coming up
        "1,    100, '1900',      0,  0",
    })
    void startsOnlyWhatIsOfUse(int waiting, int service, String ages, int formula, int started) {
        ScalePolicy policy = policy(0, 100, 1, 0);
        Load load = load(0, waiting, service, millis(ages));

        assertThat(Autoscaler.target(policy, load, NOW) - load.runners()).isEqualTo(formula);
        assertThat(starts(policy, load)).isEqualTo(started);
    }

    @Test
    void knowsNothingBeforeTheFirstStartOfARevision() {
        Coming coming =
                new Coming(List.of(NOW.minusSeconds(2)), Duration.ZERO, Duration.ofNanos(1));
        Load load = new Load(0, times(5), 0, 1, 0, List.of(), coming);

        assertThat(starts(policy(0, 100, 1, 0), load)).isEqualTo(4);
    }

    /// The minimum, the buffer and what requests in flight need are there in any case.
    @ParameterizedTest
    @CsvSource({"3, 0, 0, 2", "0, 2, 0, 2", "0, 0, 4, 3", "1, 1, 2, 2"})
    void startsWhatIsAskedForWhateverWaits(int min, int buffer, int inFlight, int started) {
        Load load = load(inFlight, 5, 1, List.of(1900L));

        assertThat(starts(policy(min, 100, 1, buffer), load)).isEqualTo(started);
    }

    @Test
    void mayStillStartTheMostThatIsAllowedWhereMoreWaits() {
        Load load = load(0, 1000, 100, List.of(1900L));

        assertThat(starts(policy(0, 5, 1, 0), load)).isEqualTo(4);
    }

    @Test
    void saysSo() {
        Load load = load(0, 5, 100, List.of(1900L));
        Decision decision = Autoscaler.decide(policy(0, 100, 1, 0), load, NOW);

        assertThat(decision).isEqualTo(new Decision.Hold());
    }

    /// Against a calculation of when each waiting request would begin.
    @Property
    void noRequestBeginsLaterForIt(@ForAll("waiting") Load load, @ForAll("slots") int slots) {
        ScalePolicy policy = policy(0, 1000, slots, 0);
        int formula = Math.max(0, Autoscaler.target(policy, load, NOW) - load.runners());
        int started = starts(policy, load);

        assertThat(started).isBetween(0, formula);
        long ready = load.coming().startup().toMillis();
        assertThat(lastBegin(load, slots, started))
                .isLessThanOrEqualTo(Math.max(ready, lastBegin(load, slots, formula)));
    }

    /// In milliseconds from now, if every start takes as long as expected and every request too.
    private static long lastBegin(Load load, int slots, int more) {
        long startup = load.coming().startup().toMillis();
        PriorityQueue<Long> free = new PriorityQueue<>();
        for (Instant since : load.coming().since()) {
            long age = Duration.between(since, NOW).toMillis();
            for (int i = 0; i < slots; i++) {
                free.add(Math.max(0, startup - age));
            }
        }
        for (int i = 0; i < more * slots; i++) {
            free.add(startup);
        }
        long last = 0;
        for (int i = 0; i < load.waiting().size(); i++) {
            last = free.remove();
            free.add(last + load.coming().service().toMillis());
        }
        return last;
    }

    @Provide
    Arbitrary<Integer> slots() {
        return Arbitraries.integers().between(1, 4);
    }

    @Provide
    Arbitrary<Load> waiting() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 60),
                        Arbitraries.integers().between(1, 3000),
                        Arbitraries.longs().between(0, 2000).list().ofMinSize(1).ofMaxSize(6))
                .as((waiting, service, ages) -> load(0, waiting, service, ages));
    }

    private static Load load(int inFlight, int waiting, int service, List<Long> ages) {
        List<Instant> since = ages.stream().map(NOW::minusMillis).toList();
        Coming coming = new Coming(since, Duration.ofSeconds(2), Duration.ofMillis(service));
        int busy = 0;
        return new Load(inFlight, times(waiting), 0, since.size(), busy, List.of(), coming);
    }

    private static List<Instant> times(int waiting) {
        return new ArrayList<>(LongStream.range(0, waiting).mapToObj(each -> NOW).toList());
    }

    private static List<Long> millis(String ages) {
        return Stream.of(ages.split(" ")).filter(age -> !age.isEmpty()).map(Long::valueOf).toList();
    }

    private static int starts(ScalePolicy policy, Load load) {
        return Autoscaler.decide(policy, load, NOW) instanceof Decision.Start(int more, String why)
                ? more
                : 0;
    }

    private static ScalePolicy policy(int min, int max, int mux, int buffer) {
        return new ScalePolicy(min, max, mux, buffer, 0, Duration.ZERO, Duration.ofSeconds(60));
    }
}
