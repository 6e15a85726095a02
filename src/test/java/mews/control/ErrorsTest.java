package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;

class ErrorsTest {
    @Test
    void everyKindOfRefusalHasAStatusWithItsWholeText() {
        for (Refusal.Kind kind : Refusal.Kind.values()) {
            Status status = Errors.status(new Refusal(kind, "because of x"));

            assertThat(status.getCode())
                    .as("%s", kind)
                    .isNotIn(Status.Code.OK, Status.Code.UNAVAILABLE);
            assertThat(status.getDescription()).isEqualTo("because of x");
            assertThat(Errors.http(kind)).isBetween(400, 501);
        }
    }

    @Test
    void anExplanationTooLongForAHeaderKeepsBothEnds() {
        String log = "first cause\n" + "é".repeat(5000) + "\nlast word";

        String text = Errors.fitting(log);

        assertThat(text).startsWith("first cause").contains("(cut)").endsWith("last word");
        assertThat(text.length()).isLessThan(1500);
    }

    @Test
    void theUnexpectedTellsNothingButWhereToLook() {
        Status status = Errors.status(new IllegalStateException("password=x"));

        assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(status.getDescription()).contains("error_id=").doesNotContain("password");
    }
}
