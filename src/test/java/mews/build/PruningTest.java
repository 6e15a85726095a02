package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PruningTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void theLongestUnusedGoesFirstAndOnlyAsMuchAsIsTooMuch() {
        var items =
                List.of(
                        item("new", 10, 10, false),
                        item("old", 10, 30, false),
                        item("mid", 10, 20, false));

        assertThat(keys(new Pruning(15, NOW).choose(items))).containsExactly("old", "mid");
        assertThat(new Pruning(0, NOW).choose(items)).isEmpty();
    }

    @Test
    void whatIsNeededOrWasJustUsedStays() {
        var items = List.of(item("needed", 10, 30, true), item("fresh", 10, 0, false));

        assertThat(new Pruning(100, NOW).choose(items)).isEmpty();
    }

    @Test
    void aLayerGoesAfterThoseThatStandOnIt() {
        var items = List.of(item("below", 10, 30, false), item("above", 10, 20, false, "below"));

        assertThat(keys(new Pruning(20, NOW).choose(items))).containsExactly("above", "below");
        assertThat(keys(new Pruning(5, NOW).choose(items))).containsExactly("above");
    }

    @Property(tries = 300)
    void nothingThatStaysLosesWhatItStandsOn(
            @ForAll("caches") List<Pruning.Item> items, @ForAll @IntRange(max = 2000) int surplus) {
        List<CacheSource.Entry> chosen = new Pruning(surplus, NOW).choose(items);

        Set<String> gone = new HashSet<>(keys(chosen));
        for (Pruning.Item item : items) {
            boolean stays = !gone.contains(item.entry().key());
            assertThat(!item.needed() || stays).isTrue();
            assertThat(item.entry().needs()).noneMatch(below -> stays && gone.contains(below));
        }
        assertThat(gone).hasSameSizeAs(chosen);
    }

    /// Each entry may stand on earlier ones.
    @Provide
    Arbitrary<List<Pruning.Item>> caches() {
        Arbitrary<int[]> numbers =
                Combinators.combine(
                                Arbitraries.integers().between(0, 100),
                                Arbitraries.integers().between(-2, 50),
                                Arbitraries.integers().between(0, 3),
                                Arbitraries.integers().between(0, 1000))
                        .as((bytes, age, needed, parent) -> new int[] {bytes, age, needed, parent});
        return numbers.list()
                .ofMaxSize(20)
                .map(rows -> {
                    List<Pruning.Item> items = new ArrayList<>();
                    for (int[] row : rows) {
                        int at = items.size();
                        String[] needs =
                                at == 0 || row[3] < 400
                                        ? new String[0]
                                        : new String[] {"k" + row[3] % at};
                        items.add(item("k" + at, row[0], row[1], row[2] == 0, needs));
                    }
                    return items;
                });
    }

    private static List<String> keys(List<CacheSource.Entry> entries) {
        return entries.stream().map(CacheSource.Entry::key).toList();
    }

    private static Pruning.Item item(
            String key, long bytes, int age, boolean needed, String... needs) {
        return new Pruning.Item(
                new CacheSource.Entry(
                        "layer", key, "local", bytes, "", NOW.minusSeconds(age), Set.of(needs)),
                needed);
    }
}
