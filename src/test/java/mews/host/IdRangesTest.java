package mews.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import mews.host.IdRanges.Numbers;
import mews.host.IdRanges.Range;
import org.junit.jupiter.api.Test;

class IdRangesTest {
    private static final Numbers ONE = new Numbers(1001, List.of(new Range(100_000, 65_536)));

    @Test
    void theUserIsRootInside() {
        assertThat(ONE.map(0))
                .containsExactly(List.of(0L, 1001L, 1L), List.of(1L, 100_000L, 65_536L));
    }

    @Test
    void theUserIsSomebodyInside() {
        assertThat(ONE.map(1000))
                .containsExactly(
                        List.of(0L, 100_000L, 1000L),
                        List.of(1000L, 1001L, 1L),
                        List.of(1001L, 101_000L, 64_536L));
    }

    @Test
    void theUserMayStandAboveAll() {
        assertThat(ONE.map(70_000))
                .containsExactly(List.of(0L, 100_000L, 65_536L), List.of(70_000L, 1001L, 1L));
        assertThat(ONE.map(65_536))
                .containsExactly(List.of(0L, 100_000L, 65_536L), List.of(65_536L, 1001L, 1L));
    }

    @Test
    void rangesFollowEachOther() {
        Numbers two = new Numbers(7, List.of(new Range(100, 10), new Range(500, 10)));

        assertThat(two.map(12))
                .containsExactly(
                        List.of(0L, 100L, 10L),
                        List.of(10L, 500L, 2L),
                        List.of(12L, 7L, 1L),
                        List.of(13L, 502L, 8L));
        assertThat(two.map(10))
                .containsExactly(
                        List.of(0L, 100L, 10L), List.of(10L, 7L, 1L), List.of(11L, 500L, 10L));
    }
}
