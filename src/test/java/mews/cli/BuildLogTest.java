package mews.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import mews.wire.proto.Log;
import mews.wire.proto.LogLevel;
import org.junit.jupiter.api.Test;

class BuildLogTest {
    @Test
    void theStepsOfAnImageAreStepsWithTheirTime() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        AtomicLong nanos = new AtomicLong();
        try (Progress progress = new Progress(new Terminal(err, err, false), nanos::get)) {
            progress.step("building the environment");
            nanos.set(1_000_000_000L);
            show(progress, "[1/2] STEP 1/3: FROM base", "--> 0123456789ab");
            nanos.set(2_500_000_000L);
            show(progress, "[2/2] STEP 1/2: RUN make", "cc main.c", "STEP 2/2: COPY a b");
            show(progress, "--> Using cache " + "0".repeat(64), "f".repeat(64), "image: ready");
        }

        assertThat(said.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        [0.0 s] building the environment
                        [1.0 s] stage 1 of 2, step 1/3: FROM base
                        [2.5 s] stage 2 of 2, step 1/2: RUN make
                        cc main.c
                        [2.5 s] step 2/2: COPY a b
                          cached
                        image: ready
                        """);
    }

    private static void show(Progress progress, String... lines) {
        BuildLog.show(
                Stream.of(lines)
                        .map(line ->
                                Log.newBuilder().setMessage(line).setLevel(LogLevel.INFO).build())
                        .toList(),
                progress);
    }
}
