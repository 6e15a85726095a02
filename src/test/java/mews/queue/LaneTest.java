package mews.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LaneTest {
    @Property
    void keepsTheOrderAndTheRanksOfASortedSet(
            @ForAll @Size(max = 200) List<@IntRange(min = -60, max = 60) Integer> steps) {
        Lane lane = new Lane();
        NavigableSet<Long> expected = new TreeSet<>();
        for (int step : steps) {
            long number = Math.abs(step);
            if (step >= 0) {
                lane.add(number, number * 10);
                expected.add(number);
            } else {
                lane.remove(number);
                expected.remove(number);
            }

            assertThat(lane.size()).isEqualTo(expected.size());
            assertThat(lane.rank(number)).isEqualTo(expected.headSet(number).size());
        }
        int position = 0;
        for (long number : expected) {
            assertThat(lane.sequenceAt(position)).isEqualTo(number);
            assertThat(lane.submittedAt(position++)).isEqualTo(number * 10);
        }
    }
}
