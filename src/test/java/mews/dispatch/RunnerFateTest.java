package mews.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunnerFateTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "200, -, false, false",
                "404, -, false, false",
                "429, -, false, false",
                "500, -, false, true",
                "502, -, false, true",
                "503, -, true, false",
                "504, -, false, true",
                "503, 0, false, false",
                "503, false, false, false",
                "200, 1, true, false",
                "500, true, true, false"
            })
    void stopsOrSuspectsARunnerByStatusAndHeader(
            int status, String stopRunner, boolean stop, boolean suspect) {
        RunnerFate fate =
                RunnerFate.of(status, name -> name.equals("x-fal-stop-runner") ? stopRunner : null);

        assertThat(fate).isEqualTo(new RunnerFate(stop, suspect, false));
    }

    @Test
    void checksHealthWhenTheAppAsks() {
        assertThat(RunnerFate.of(200, Map.of("x-fal-runner-health-check", "1")::get).check())
                .isTrue();
        assertThat(RunnerFate.of(200, Map.of("x-fal-runner-health-check", "0")::get).check())
                .isFalse();
    }

    @Test
    void callsTheCancelRouteBesideTheRoute() {
        assertThat(CancelCalls.cancelPath("/predict?seed=1")).isEqualTo("/predict/cancel");
        assertThat(CancelCalls.cancelPath("/")).isEqualTo("/cancel");
        assertThat(CancelCalls.cancelPath("/a/b/")).isEqualTo("/a/b/cancel");
    }
}
