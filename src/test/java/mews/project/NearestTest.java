package mews.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class NearestTest {
    @Property
    void measuresTheSameBothWays(
            @ForAll @AlphaChars @StringLength(max = 12) String one,
            @ForAll @AlphaChars @StringLength(max = 12) String other) {
        assertThat(Nearest.distance(one, other)).isEqualTo(Nearest.distance(other, one));
        assertThat(Nearest.distance(one, other) == 0).isEqualTo(one.equals(other));
        assertThat(Nearest.distance(one, other))
                .isLessThanOrEqualTo(Math.max(one.length(), other.length()));
    }

    @Test
    void countsASwapOfNeighboursOnce() {
        assertThat(Nearest.distance("auth", "atuh")).isEqualTo(1);
    }

    @Test
    void suggestsNothingThatIsFarAway() {
        assertThat(Nearest.to("gizmo", List.of("keep_alive", "auth"))).isEmpty();
        assertThat(Nearest.to("KeepAlive", List.of("keep_alive", "auth"))).contains("keep_alive");
    }
}
