package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import mews.model.AppName;
import mews.model.Image;
import mews.model.Revision;
import mews.testing.Specs;
import mews.testing.TestClock;
import org.junit.jupiter.api.Test;

class WantedTest {
    private static final AppName ONE = new AppName("local", "one");
    private static final AppName OTHER = new AppName("local", "other");

    private final Wanted wanted = new Wanted();

    @Test
    void onlyTheLastRevisionOfAnAppIsSetUpAhead() {
        Revision old = revision(ONE, 1);
        Revision other = revision(OTHER, 2);
        Revision serving = revision(ONE, 3);

        wanted.toSetUp(old);
        wanted.toSetUp(other);
        wanted.toSetUp(serving);
        assertThat(wanted.all()).containsExactly(other, serving);

        wanted.noneToSetUp(ONE);
        assertThat(wanted.all()).containsExactly(other);
    }

    @Test
    void theMostRecentlyUsedComesFirst() {
        Revision ahead = revision(ONE, 1);
        Revision used = revision(OTHER, 2);
        wanted.toSetUp(ahead);
        wanted.used(used);

        assertThat(wanted.all()).containsExactly(used, ahead);
    }

    private static Revision revision(AppName app, long number) {
        return new Revision(
                new UUID(0, number),
                app,
                Specs.app(),
                new Image("key", "3.11", java.util.List.of()),
                new TestClock().instant());
    }
}
