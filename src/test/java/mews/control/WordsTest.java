package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import java.time.Instant;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void timesComeBackAsTheyWent() {
        Instant time = Instant.parse("2026-03-01T12:00:00.000000007Z");

        assertThat(Words.instant(Words.timestamp(time))).isEqualTo(time);
    }

    @Test
    void whatIsNoTimeIsRefusedInWords() {
        Timestamp late = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE / 2).build();
        Timestamp beyond = late.toBuilder().setSeconds(Long.MAX_VALUE).setNanos(-1 >>> 1).build();

        for (Timestamp wrong : new Timestamp[] {late, beyond}) {
            assertThatThrownBy(() -> Words.instant(wrong))
                    .isInstanceOf(Refusal.class)
                    .hasMessageEndingWith("seconds since 1970 are no time");
        }
    }
}
