package mews.gateway;

import static mews.model.RetryCondition.CONNECTION_ERROR;
import static mews.model.RetryCondition.SERVER_ERROR;
import static mews.model.RetryCondition.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.Refusal;
import mews.model.RetryCondition;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.testing.FakeRoutes;
import mews.testing.Specs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each header by which a caller asks something of the platform. protocol: platform 4, data 6
class CallOptionsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void withoutHeadersAllIsAsTheAppSays() {
        assertThat(CallOptions.of(MultiMap.caseInsensitiveMultiMap()))
                .isEqualTo(new CallOptions(null, null, false, false, null, true));
        assertThat(CallOptions.of(MultiMap.caseInsensitiveMultiMap()).startDeadline(NOW)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"1, true", "true, true", "YES, true", "0, false", "false, false", "'', false"})
    void noRetry(String value, boolean expected) {
        assertThat(with("X-Fal-No-Retry", value).noRetry()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"low, true", "LOW, true", "normal, false", "high, false"})
    void queuePriority(String value, boolean low) {
        assertThat(with("X-Fal-Queue-Priority", value).lowPriority()).isEqualTo(low);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, true", "x, true"})
    void storeIo(String value, boolean stored) {
        assertThat(with("X-Fal-Store-IO", value).storePayload()).isEqualTo(stored);
    }

    @Test
    void runnerHint() {
        assertThat(with("X-Fal-Runner-Hint", "lora-a").hint()).isEqualTo("lora-a");
    }

    @ParameterizedTest
    @CsvSource({"0.5, 500", "1, 1000", "30, 30000", "2592000, 2592000000"})
    void requestTimeout(String value, long millis) {
        assertThat(with("X-Fal-Request-Timeout", value).startDeadline(NOW))
                .isEqualTo(NOW.plus(Duration.ofMillis(millis)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.1", "0", "-1", "soon", "NaN", "2592001", "Infinity", ""})
    void requestTimeoutOutOfRangeIsRefused(String value) {
        assertThatThrownBy(() -> with("X-Fal-Request-Timeout", value))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("X-Fal-Request-Timeout must be a number of seconds");
    }

    @Test
    void theStartTimeoutOfTheAppIsForItsOwnerAndGivesWayToTheHeader() {
        Alias alias = alias(Duration.ofSeconds(40));
        CallOptions silent = CallOptions.of(MultiMap.caseInsensitiveMultiMap());

        assertThat(silent.toApp(alias, "ada").startDeadline(NOW)).isEqualTo(NOW.plusSeconds(40));
        assertThat(silent.toApp(alias, "bob").startDeadline(NOW)).isNull();
        assertThat(silent.toApp(alias, "").startDeadline(NOW)).isNull();
        assertThat(silent.toApp(alias(null), "ada").startDeadline(NOW)).isNull();
        assertThat(with("X-Fal-Request-Timeout", "2").toApp(alias, "ada").startDeadline(NOW))
                .isEqualTo(NOW.plusSeconds(2));
    }

    private static Alias alias(@Nullable Duration startTimeout) {
        AppName app = new AppName("ada", "hello");
        Timeouts standard = Timeouts.DEFAULT;
        Timeouts timeouts =
                new Timeouts(
                        standard.request(), standard.startup(), standard.grace(), startTimeout);
        FakeRoutes routes = new FakeRoutes();
        routes.serve(
                app,
                AuthMode.PUBLIC,
                Specs.app(ScalePolicy.DEFAULT, timeouts, List.of("S")),
                timeouts.request(),
                timeouts.startup());
        return routes.all().iterator().next().alias();
    }

    @TestFactory
    Stream<DynamicTest> retryConfig() {
        return Stream.of(
                retries("{\"timeout\": {\"retries\": 2}}", Map.of(TIMEOUT, 2)),
                retries("{\"server_error\": {\"retries\": 0}}", Map.of(SERVER_ERROR, 0)),
                retries(
                        "{\"connection_error\": {\"retries\": 9}, \"timeout\": {\"retries\": 1}}",
                        Map.of(CONNECTION_ERROR, 9, TIMEOUT, 1)),
                retries("{\"timeout\": {\"retries\": 2}, \"other\": 1}", Map.of(TIMEOUT, 2)),
                retries("{\"client_error\": {\"retries\": 2}}", null),
                retries("{\"timeout\": 2}", null),
                retries("{\"timeout\": {\"retries\": -1}}", null),
                retries("{\"timeout\": {\"retries\": \"2\"}}", null),
                retries("[]", null),
                retries("not json", null));
    }

    private static DynamicTest retries(
            String header, @Nullable Map<RetryCondition, Integer> expected) {
        return DynamicTest.dynamicTest(
                header,
                () -> assertThat(with("X-Fal-Retry-Config", header).retries()).isEqualTo(expected));
    }

    private static CallOptions with(String header, String value) {
        return CallOptions.of(MultiMap.caseInsensitiveMultiMap().add(header, value));
    }
}
