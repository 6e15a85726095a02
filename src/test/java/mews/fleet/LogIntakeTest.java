package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import mews.model.AppName;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.LogLine.Level;
import mews.model.LogLine.Source;
import mews.model.Revision;
import mews.testing.MemoryLogs;
import mews.testing.Specs;
import mews.testing.TestClock;
import org.junit.jupiter.api.Test;

class LogIntakeTest {
    private static final UUID RUNNER = UUID.fromString("01900000-0000-7000-8000-000000000001");
    private static final UUID REQUEST = UUID.fromString("01900000-0000-7000-8000-000000000002");
    private static final Revision REVISION =
            new Revision(
                    UUID.fromString("01900000-0000-7000-8000-000000000003"),
                    new AppName("local", "hello"),
                    Specs.app(),
                    new Image("k", "3.12", List.of()),
                    Instant.EPOCH);

    private final TestClock clock = new TestClock();
    private final MemoryLogs logs = new MemoryLogs();
    private final LogIntake intake =
            new LogIntake(
                    logs, REVISION, RUNNER, List.of("hush-hush", "first-line\nsecond-line"), clock);

    @Test
    void labelsPlainLines() throws Exception {
        read("hello\n", Level.STDOUT);

        assertThat(logs.lines())
                .containsExactly(
                        new LogLine(
                                clock.instant(),
                                Level.STDOUT,
                                Source.USER,
                                "local",
                                REVISION.app(),
                                REVISION.id(),
                                RUNNER,
                                null,
                                "hello"));
    }

    @Test
    void takesRequestLevelAndTimeFromLabels() throws Exception {
        double said = clock.instant().getEpochSecond() - 1;

        read(
                "\u001e{\"m\":\"hi\",\"l\":\"stderr\",\"r\":\"%s\",\"t\":%f}\n"
                        .formatted(REQUEST, said),
                Level.STDOUT);

        LogLine line = logs.lines().getFirst();
        assertThat(line.request()).isEqualTo(REQUEST);
        assertThat(line.level()).isEqualTo(Level.STDERR);
        assertThat(line.at()).isEqualTo(clock.instant().minusSeconds(1));
    }

    @Test
    void takesATracebackForTheAppsOwnWords() throws Exception {
        read("\u001e{\"m\":\"ValueError\",\"l\":\"error\",\"s\":\"user\"}\n", Level.STDOUT);
        read("\u001e{\"m\":\"no way\",\"l\":\"error\"}\n", Level.STDOUT);

        assertThat(logs.lines())
                .extracting(LogLine::level, LogLine::source)
                .containsExactly(
                        tuple(Level.ERROR, Source.USER), tuple(Level.ERROR, Source.BRIDGE));
    }

    @Test
    void keepsAnAppFromWritingIntoAnotherYear() throws Exception {
        read("\u001e{\"m\":\"hi\",\"l\":\"stdout\",\"t\":4102444800}\n", Level.STDOUT);

        assertThat(logs.lines().getFirst().at()).isEqualTo(clock.instant());
    }

    @Test
    void tellsTheRunnersOwnWordsFromTheApps() throws Exception {
        read("\u001e{\"m\":\"careful\",\"l\":\"warning\",\"t\":0}\n", Level.STDOUT);

        assertThat(logs.lines().getFirst().source()).isEqualTo(Source.BRIDGE);
        assertThat(logs.lines().getFirst().level()).isEqualTo(Level.WARNING);
    }

    @Test
    void keepsWhatOnlyLooksLabelled() throws Exception {
        read("\u001enot json\n\u001e{\"m\":5}\n", Level.STDOUT);

        assertThat(logs.messages()).containsExactly("not json", "{\"m\":5}");
    }

    @Test
    void masksSecretsEvenThoseOfSeveralLines() throws Exception {
        read("it is hush-hush\nfirst-line\nthen second-line\n", Level.STDOUT);

        assertThat(logs.messages()).containsExactly("it is ********", "********", "then ********");
    }

    @Test
    void boundsLinesThatNeverEnd() throws Exception {
        read("x".repeat(LogIntake.LONGEST_LINE * 3), Level.STDOUT);

        assertThat(logs.messages())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).hasSize(LogIntake.LONGEST_LINE));
    }

    @Test
    void remembersTheLastWordsOnStderrMasked() throws Exception {
        read("Traceback\n  hush-hush is wrong\n\n", Level.STDERR);

        assertThat(intake.lastWords()).isEqualTo("******** is wrong");
    }

    @Test
    void remembersTheCauseOfACrashRatherThanItsFrames() throws Exception {
        read("Fatal Python error: Aborted\n  File \"a.py\", line 1 in f\n", Level.STDERR);

        assertThat(intake.lastWords()).isEqualTo("Fatal Python error: Aborted");
    }

    private void read(String text, Level level) throws InterruptedException {
        intake.follow(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), level)
                .join();
    }
}
