package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.AppName;
import mews.model.Fact;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.NullNode;

class ExplainPagesTest {
    private static final UUID OLD = new UUID(0, 1);
    private static final UUID SERVING = new UUID(0, 2);

    @Test
    void tellsTheSnapshotOfTheServingRevisionWhateverWasTriedSince() {
        List<Fact> facts =
                List.of(tried(SERVING, "taken"), tried(SERVING, "refused"), tried(OLD, "taken"));

        assertThat(ExplainPages.snapshot(facts, SERVING))
                .isEqualTo(Map.of("state", "refused", "revision", SERVING.toString()));
        assertThat(ExplainPages.snapshot(facts, new UUID(0, 3))).isEqualTo(NullNode.getInstance());
    }

    private static Fact tried(UUID revision, String state) {
        AppName app = new AppName("local", "hello");
        return new Fact(
                Instant.EPOCH,
                Fact.Subject.ALIAS,
                app.toString(),
                app,
                "snapshot",
                Map.of("state", state, "revision", revision.toString()));
    }
}
