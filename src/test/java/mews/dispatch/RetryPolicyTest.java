package mews.dispatch;

import static mews.model.RetryCondition.CONNECTION_ERROR;
import static mews.model.RetryCondition.SERVER_ERROR;
import static mews.model.RetryCondition.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.dispatch.RetryPolicy.Ending;
import mews.dispatch.RetryPolicy.Rules;
import mews.dispatch.RetryPolicy.Verdict;
import mews.model.ErrorType;
import mews.model.RetryCondition;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class RetryPolicyTest {
    private static final Rules PLATFORM = new Rules(false, null, List.of(), Map.of());
    private static final Rules NEVER = new Rules(true, null, List.of(), Map.of());
    private static final Rules SKIPS_TIMEOUTS =
            new Rules(false, null, List.of(TIMEOUT), Map.of(TIMEOUT, 5));
    private static final Rules NO_SERVER_ERRORS =
            new Rules(false, null, List.of(SERVER_ERROR), Map.of(SERVER_ERROR, 5));
    private static final Rules APP_ALLOWS_ONE =
            new Rules(false, null, List.of(), Map.of(SERVER_ERROR, 1));
    private static final Rules CALLER_ALLOWS_TWO =
            new Rules(
                    false, Map.of(SERVER_ERROR, 2), List.of(SERVER_ERROR), Map.of(SERVER_ERROR, 1));

    private record Case(
            String name, Ending ending, Rules rules, int attempt, int spent, boolean retried) {}

    @TestFactory
    Stream<DynamicTest> retriesAsTheTableSays() {
        return Stream.of(
                        answered(200, PLATFORM, false),
                        answered(302, PLATFORM, false),
                        answered(404, PLATFORM, false),
                        answered(422, PLATFORM, false),
                        answered(429, PLATFORM, false),
                        answered(500, PLATFORM, false),
                        answered(502, PLATFORM, false),
                        answered(503, PLATFORM, true),
                        answered(504, PLATFORM, true),
                        answered(503, NEVER, false),
                        failed(ErrorType.REQUEST_TIMEOUT, PLATFORM, true),
                        failed(ErrorType.REQUEST_TIMEOUT, SKIPS_TIMEOUTS, false),
                        failed(ErrorType.RUNNER_DISCONNECTED, PLATFORM, true),
                        failed(ErrorType.RUNNER_INCOMPLETE_RESPONSE, PLATFORM, true),
                        failed(ErrorType.RUNNER_CONNECTION_REFUSED, PLATFORM, true),
                        failed(ErrorType.RUNNER_CONNECTION_TIMEOUT, PLATFORM, true),
                        failed(ErrorType.RUNNER_CONNECTION_ERROR, PLATFORM, true),
                        failed(ErrorType.RUNNER_SERVER_ERROR, PLATFORM, false),
                        failed(ErrorType.CLIENT_CANCELLED, PLATFORM, false),
                        asked(500, "1", PLATFORM, true),
                        asked(429, "1", PLATFORM, true),
                        asked(503, "0", PLATFORM, false),
                        asked(404, "1", PLATFORM, false),
                        asked(200, "1", PLATFORM, false),
                        asked(504, "1", SKIPS_TIMEOUTS, true),
                        asked(500, "1", NEVER, false),
                        asked(503, "1", NO_SERVER_ERRORS, true),
                        asked(503, "0", CALLER_ALLOWS_TWO, false),
                        answered(503, NO_SERVER_ERRORS, false),
                        answered(504, NO_SERVER_ERRORS, false),
                        failed(ErrorType.RUNNER_DISCONNECTED, NO_SERVER_ERRORS, false),
                        failed(ErrorType.RUNNER_CONNECTION_REFUSED, NO_SERVER_ERRORS, true),
                        failed(ErrorType.STARTUP_TIMEOUT, PLATFORM, false),
                        spent(0, APP_ALLOWS_ONE, true),
                        spent(1, APP_ALLOWS_ONE, false),
                        spent(1, CALLER_ALLOWS_TWO, true),
                        spent(2, CALLER_ALLOWS_TWO, false),
                        new Case("ninth attempt", Ending.answered(503, null), PLATFORM, 9, 8, true),
                        new Case("tenth", Ending.answered(503, null), PLATFORM, 10, 9, false),
                        new Case("tenth, asked", Ending.answered(500, "1"), PLATFORM, 10, 0, false))
                .map(each -> DynamicTest.dynamicTest(each.name, () -> check(each)));
    }

    private static void check(Case each) {
        Verdict verdict =
                RetryPolicy.decide(
                        each.ending, each.rules, each.attempt, Map.of(SERVER_ERROR, each.spent));
        assertThat(verdict.retry()).isEqualTo(each.retried);
    }

    private static Case answered(int status, Rules rules, boolean retried) {
        return new Case(status + " " + rules, Ending.answered(status, null), rules, 1, 0, retried);
    }

    private static Case failed(ErrorType error, Rules rules, boolean retried) {
        return new Case(error + " " + rules, Ending.failed(error), rules, 1, 0, retried);
    }

    private static Case asked(int status, String header, Rules rules, boolean retried) {
        String name = "%d with x-fal-needs-retry %s".formatted(status, header);
        return new Case(name, Ending.answered(status, header), rules, 1, 0, retried);
    }

    private static Case spent(int retries, Rules rules, boolean retried) {
        String name = "%d spent %s".formatted(retries, rules);
        return new Case(name, Ending.answered(503, null), rules, retries + 1, retries, retried);
    }

    @Test
    void takesEachRetryFromItsOwnBudget() {
        Rules rules =
                new Rules(false, null, List.of(), Map.of(SERVER_ERROR, 1, CONNECTION_ERROR, 1));
        Map<RetryCondition, Integer> spent = Map.of(SERVER_ERROR, 1);

        Verdict server = RetryPolicy.decide(Ending.answered(503, null), rules, 2, spent);
        Verdict connection =
                RetryPolicy.decide(
                        Ending.failed(ErrorType.RUNNER_CONNECTION_REFUSED), rules, 2, spent);

        assertThat(server.retry()).isFalse();
        assertThat(connection).isEqualTo(new Verdict(true, CONNECTION_ERROR));
    }

    @Property
    void backsOffFromOneSecondToOneMinute(
            @ForAll @IntRange(min = 1, max = 10) int attempt,
            @ForAll @DoubleRange(min = 0, max = 1) double jitter) {
        Duration backoff = RetryPolicy.backoff(attempt, jitter);

        assertThat(backoff).isBetween(Duration.ofMillis(500), Duration.ofSeconds(60));
        assertThat(RetryPolicy.backoff(1, 1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(RetryPolicy.backoff(3, 1)).isEqualTo(Duration.ofSeconds(4));
        assertThat(RetryPolicy.backoff(10, 1)).isEqualTo(Duration.ofSeconds(60));
    }
}
