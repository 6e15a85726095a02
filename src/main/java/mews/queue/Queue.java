package mews.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import mews.model.AppName;
import mews.model.ErrorType;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;

/// Durable requests. A row is committed before `submit` returns, and a result is stored once, by
/// whoever holds the lease. All methods block on the database; writes from many callers share
/// commits. Thread-safe.
public interface Queue {
    enum Priority {
        NORMAL,
        LOW
    }

    enum State {
        IN_QUEUE,
        IN_PROGRESS,
        COMPLETED
    }

    /// @param path below the app, begins with `/`; may carry a query
    /// @param headers to pass to the runner, lower-case names, already filtered
    /// @param caller account of the caller, for logs and limits; empty for anonymous
    /// @param startDeadline must have started by then
    /// @param retries extra attempts per condition asked for by this request; null = the app's
    record NewRequest(
            UUID id,
            AppName app,
            String method,
            String path,
            Map<String, String> headers,
            byte[] body,
            String caller,
            Priority priority,
            @Nullable Instant startDeadline,
            boolean noRetry,
            @Nullable Map<RetryCondition, Integer> retries,
            @Nullable String hint,
            @Nullable String webhook,
            boolean storePayload,
            Instant submittedAt) {}

    /// A request handed to a runner.
    ///
    /// @param token proves the lease; a completion with an older token is dropped
    /// @param attempt 1 for the first
    /// @param spent retries so far by the condition that caused them
    record Lease(
            NewRequest request,
            long token,
            int attempt,
            Map<RetryCondition, Integer> spent,
            Instant leasedAt) {
        public UUID id() {
            return request.id();
        }
    }

    /// What the app answered, or what went wrong on the way.
    ///
    /// @param error null if the app answered
    record Result(
            int status,
            Map<String, List<String>> headers,
            byte[] body,
            @Nullable ErrorType error,
            @Nullable String detail) {}

    /// @param request without body and headers
    /// @param position requests ahead, 0 when it is next; -1 unless IN_QUEUE
    /// @param startedAt when the last attempt began
    /// @param inferenceTime time on the runner of the last attempt
    /// @param runner of the last attempt, once it is complete
    record View(
            NewRequest request,
            State state,
            int position,
            int attempts,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable Duration inferenceTime,
            @Nullable UUID runner,
            @Nullable Integer status,
            @Nullable ErrorType error,
            @Nullable String detail) {}

    /// @param size all waiting requests, those in backoff among them
    /// @param waiting submission times of waiting requests that may be leased now, oldest first, at
    ///   most 1000
    record Depth(int size, List<Instant> waiting) {}

    enum Cancelled {
        REMOVED,
        SIGNALLED,
        ALREADY_COMPLETED,
        NOT_FOUND
    }

    /// @param maxLength refuse when more requests than this wait; null = no bound
    /// @return the position in the queue
    /// @throws mews.model.Refusal of kind EXHAUSTED if the queue is too long
    int submit(NewRequest request, @Nullable Integer maxLength);

    Optional<View> find(UUID id);

    /// @return the stored result; empty while it is not complete or after it expired
    Optional<Result> result(UUID id);

    /// Waiting requests end at once; running ones are marked and `onCancel` listeners hear of it.
    Cancelled cancel(UUID id, Instant now);

    /// Whether the caller of a running request has cancelled it. For who holds a lease that
    /// `onCancel` listeners did not yet know when they heard of it.
    boolean cancelRequested(UUID id);

    /// Takes the next waiting requests of an app: normal before low, then by submission.
    List<Lease> lease(AppName app, int most, Instant now);

    /// @param runner which gave the answer, or failed to
    /// @return false if the lease was lost meanwhile: the result is dropped
    boolean complete(Lease lease, Result result, @Nullable UUID runner, Instant now);

    /// Puts it back for another attempt not before `notBefore`; if its caller cancelled meanwhile,
    /// it ends as cancelled instead.
    ///
    /// @param condition which budget the retry is taken from; null = none
    /// @return false if the lease was lost meanwhile
    boolean retry(
            Lease lease,
            @Nullable RetryCondition condition,
            Instant notBefore,
            ErrorType why,
            String detail);

    /// Puts it back at the head, as if it had never been leased; if its caller cancelled meanwhile,
    /// it ends as cancelled instead.
    ///
    /// @return false if the lease was lost meanwhile
    boolean release(Lease lease);

    /// Waiting requests per app; apps without any are absent.
    Map<AppName, Depth> depths(Instant now);

    /// Waiting requests of an app that may be leased now. Reads memory, never blocks.
    int leasable(AppName app, Instant now);

    /// Ends waiting requests whose start deadline has passed.
    ///
    /// @return how many
    int expire(Instant now);

    /// Deletes waiting requests of an app; running ones are left. They end as cancelled.
    int flush(AppName app, Instant now);

    /// Waiting requests of an app by the account that submitted them; empty for anonymous ones.
    Map<String, Integer> waitingByCaller(AppName app);

    /// The same as `flush` for those of one caller.
    int flush(AppName app, String caller, Instant now);

    /// Voids every lease of an earlier life of this server; attempts stay unchanged.
    int voidLeases();

    /// Hears of every submit and every request that became leasable; called after the commit, must
    /// not block.
    void onWork(java.util.function.Consumer<AppName> listener);

    /// Hears of a cancel of a running request; must not block.
    void onCancel(java.util.function.Consumer<UUID> listener);

    /// Hears when a request changes its state; must not block.
    ///
    /// @return closing it ends the watching
    Watch watch(UUID id, Runnable listener);

    /// Ends with `close`, which never fails.
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
