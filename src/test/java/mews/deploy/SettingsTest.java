package mews.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import mews.model.Refusal;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.testing.Specs;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final Settings TUNED =
            new Settings(
                    new ScalePolicy(1, 7, 3, 1, 50, Duration.ofSeconds(4), Duration.ofSeconds(90)),
                    Duration.ofSeconds(11),
                    Duration.ofSeconds(12),
                    Duration.ofSeconds(13),
                    List.of("L"),
                    List.of("eu-west"));

    @Test
    void aDeployKeepsWhatOwnersTuneAndBringsWhatBelongsToTheCode() {
        Timeouts timeouts =
                new Timeouts(
                        Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), null);
        ScalePolicy scale = new ScalePolicy(0, 2, 9, 0, 0, Duration.ZERO, Duration.ofSeconds(10));

        Settings after = TUNED.inheritedBy(Specs.app(scale, timeouts, List.of("XS")));

        assertThat(after)
                .isEqualTo(
                        new Settings(
                                new ScalePolicy(
                                        1,
                                        7,
                                        9,
                                        1,
                                        50,
                                        Duration.ofSeconds(4),
                                        Duration.ofSeconds(90)),
                                Duration.ofSeconds(11),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(13),
                                List.of("XS"),
                                List.of("eu-west")));
    }

    @Test
    void tuningChangesOnlyWhatIsGiven() {
        Settings after = TUNED.tuned(tuning(null, 9));

        assertThat(after.scale().maxConcurrency()).isEqualTo(9);
        assertThat(after.scale().minConcurrency()).isEqualTo(1);
        assertThat(after.machineTypes()).containsExactly("L");
    }

    @Test
    void tuningOutOfRangeIsRefusedWithTheBound() {
        assertThatThrownBy(() -> TUNED.tuned(tuning(8, null)))
                .isInstanceOf(Refusal.class)
                .hasMessage("min_concurrency (8) must not exceed max_concurrency (7)");
    }

    private static Aliases.Tuning tuning(
            @org.jspecify.annotations.Nullable Integer min,
            @org.jspecify.annotations.Nullable Integer max) {
        return new Aliases.Tuning(
                null, null, max, min, null, null, null, null, null, null, List.of(), List.of());
    }
}
