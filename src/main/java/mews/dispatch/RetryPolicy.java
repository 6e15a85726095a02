package mews.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import mews.model.ErrorType;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;

/// Whether a queued request gets another attempt. Pure. protocol: platform 4
final class RetryPolicy {
    /// Over all conditions, the first one included.
    static final int MOST_ATTEMPTS = 10;

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(60);

    /// What was asked for, the strongest first.
    ///
    /// @param never the caller wants one attempt only
    /// @param ofRequest extra attempts per condition, from the request; null = none given
    /// @param skipped conditions that the app never wants retried
    /// @param ofApp extra attempts per condition, from the app
    record Rules(
            boolean never,
            @Nullable Map<RetryCondition, Integer> ofRequest,
            List<RetryCondition> skipped,
            Map<RetryCondition, Integer> ofApp) {}

    /// How an attempt ended.
    ///
    /// @param status the app's; 0 if it gave none
    /// @param error null if the app answered
    /// @param needsRetry the app's header, if any
    record Ending(int status, @Nullable ErrorType error, @Nullable String needsRetry) {
        static Ending answered(int status, @Nullable String needsRetry) {
            return new Ending(status, null, needsRetry);
        }

        static Ending failed(ErrorType error) {
            return new Ending(0, error, null);
        }
    }

    /// @param condition whose budget it is taken from; null = the app asked for it itself
    record Verdict(boolean retry, @Nullable RetryCondition condition) {
        static final Verdict FINAL = new Verdict(false, null);
    }

    private RetryPolicy() {}

    /// @param attempt the one that ended, 1 for the first
    /// @param spent retries so far by condition
    static Verdict decide(
            Ending ending, Rules rules, int attempt, Map<RetryCondition, Integer> spent) {
        if (attempt >= MOST_ATTEMPTS || rules.never) {
            return Verdict.FINAL;
        }
        String asked = ending.needsRetry;
        if (asked != null && AppHeaders.mayAskForRetry(ending.status)) {
            return new Verdict(AppHeaders.truthy(asked), null);
        }
        RetryCondition condition = condition(ending);
        if (condition == null) {
            return Verdict.FINAL;
        }
        boolean left = spent.getOrDefault(condition, 0) < budget(condition, rules);
        return left ? new Verdict(true, condition) : Verdict.FINAL;
    }

    /// Independent budgets; a condition nobody mentions has only the bound on all attempts.
    private static int budget(RetryCondition condition, Rules rules) {
        if (rules.ofRequest != null && rules.ofRequest.containsKey(condition)) {
            return rules.ofRequest.getOrDefault(condition, 0);
        }
        if (rules.skipped.contains(condition)) {
            return 0;
        }
        return rules.ofApp.getOrDefault(condition, MOST_ATTEMPTS);
    }

    private static @Nullable RetryCondition condition(Ending ending) {
        if (ending.error == null) {
            return ending.status == 503 || ending.status == 504
                    ? RetryCondition.SERVER_ERROR
                    : null;
        }
        return switch (ending.error) {
            case REQUEST_TIMEOUT -> RetryCondition.TIMEOUT;
            case RUNNER_CONNECTION_TIMEOUT, RUNNER_CONNECTION_REFUSED, RUNNER_CONNECTION_ERROR ->
                    RetryCondition.CONNECTION_ERROR;
            case RUNNER_DISCONNECTED, RUNNER_INCOMPLETE_RESPONSE -> RetryCondition.SERVER_ERROR;
            case STARTUP_TIMEOUT,
                    RUNNER_SCHEDULING_FAILURE,
                    RUNNER_SERVER_ERROR,
                    CLIENT_DISCONNECTED,
                    CLIENT_CANCELLED,
                    BAD_REQUEST,
                    INTERNAL_ERROR ->
                    null;
        };
    }

    /// Doubles with each attempt; the jitter keeps requests that failed together apart.
    ///
    /// @param attempt the one that ended, 1 for the first
    /// @param jitter from 0 to 1
    static Duration backoff(int attempt, double jitter) {
        long full = FIRST_BACKOFF.toMillis() << Math.min(attempt - 1, 16);
        long capped = Math.min(full, LONGEST_BACKOFF.toMillis());
        return Duration.ofMillis((long) (capped * (0.5 + jitter / 2)));
    }
}
