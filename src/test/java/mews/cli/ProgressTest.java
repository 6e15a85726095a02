package mews.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final AtomicLong nanos = new AtomicLong();

    private Progress progress(boolean live) {
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Progress(new Terminal(err, err, live), nanos::get);
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void saysEachStepOnALineWithTheTimeSinceTheBeginning() {
        try (Progress progress = progress(false)) {
            progress.step("building");
            nanos.set(1_500_000_000L);
            progress.line("a line of the log");
            progress.step("starting");
        }

        assertThat(said()).isEqualTo("[0.0 s] building\na line of the log\n[1.5 s] starting\n");
    }

    @Test
    void writesOverOneLineOnATerminalAndKeepsHowLongAStepTook() {
        try (Progress progress = progress(true)) {
            progress.step("building");
            nanos.set(2_000_000_000L);
            progress.line("a line of the log");
            progress.done();
        }

        assertThat(said())
                .startsWith("\r\033[Kbuilding … 0.0 s")
                .contains("\r\033[Ka line of the log\n")
                .endsWith("building (2.0 s)\n");
    }
}
