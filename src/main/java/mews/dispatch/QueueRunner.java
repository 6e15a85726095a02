package mews.dispatch;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import mews.base.Json;
import mews.deploy.Routes;
import mews.dispatch.Attempt.Ended;
import mews.dispatch.RetryPolicy.Ending;
import mews.dispatch.RetryPolicy.Rules;
import mews.dispatch.RetryPolicy.Verdict;
import mews.history.History;
import mews.model.ErrorType;
import mews.model.Fact;
import mews.model.RevisionSpec;
import mews.model.Route;
import mews.model.Timeouts;
import mews.queue.Queue;
import mews.queue.Queue.Lease;
import mews.queue.Queue.Result;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes leased requests to their runners and settles what becomes of them. One virtual thread per
/// request.
final class QueueRunner {
    private static final Logger LOG = LoggerFactory.getLogger(QueueRunner.class);
    private static final Duration DATABASE_PAUSE = Duration.ofSeconds(1);
    private static final Duration TO_GIVE_BACK = Duration.ofSeconds(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private record Running(Lease lease, Dispatcher.Slot slot, Attempt attempt) {}

    private final Queue queue;
    private final Routes routes;
    private final RunnerClient client;
    private final History history;
    private final InstantSource clock;
    private final KnownRunners runners;
    private final Map<UUID, Running> running = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    QueueRunner(
            Queue queue,
            Routes routes,
            RunnerClient client,
            History history,
            InstantSource clock,
            KnownRunners runners) {
        this.queue = queue;
        this.routes = routes;
        this.client = client;
        this.history = history;
        this.clock = clock;
        this.runners = runners;
    }

    /// Takes over the slot.
    void start(Lease lease, Dispatcher.Slot slot) {
        Running run = new Running(lease, slot, new Attempt(client, lease.request(), slot));
        running.put(lease.id(), run);
        Thread.ofVirtual().name("request-" + lease.id()).start(() -> run(run));
    }

    /// The caller of a running request wants it no more.
    void cancel(UUID request) {
        Running run = running.get(request);
        if (run != null) {
            run.slot.cancel(run.lease.request().path());
        }
    }

    /// Puts a lease back that got no runner.
    void giveBack(Lease lease) {
        Thread.ofVirtual()
                .name("give-back-" + lease.id())
                .start(() -> persistently(() -> queue.release(lease)));
    }

    /// Lets what runs finish for a while, then ends the rest; their leases go back as if they had
    /// never been taken.
    void stop(Duration patience) {
        awaitEnd(patience);
        stopping = true;
        running.values()
                .forEach(run -> run.attempt.stop(ErrorType.INTERNAL_ERROR, "the server stops"));
        awaitEnd(TO_GIVE_BACK);
    }

    private void awaitEnd(Duration most) {
        long end = System.nanoTime() + most.toNanos();
        while (!running.isEmpty() && System.nanoTime() < end) {
            try {
                Thread.sleep(LOOK_AGAIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void run(Running run) {
        Lease lease = run.lease;
        try {
            Map<String, String> facts =
                    Map.of(
                            "attempt", Integer.toString(lease.attempt()),
                            "runner_id", run.slot.runner().id().toString());
            say(lease, "attempt_started", facts);
            Ended ended = run.attempt.run(requestTimeout(lease));
            say(lease, "attempt_ended", facts(run, ended));
            boolean broke = ended.error() != null && !stopping;
            // Asked before this request itself makes the runner go.
            boolean innocent = broke && brokenByDrain(run, ended);
            run.slot.close(!broke);
            settle(run, ended, innocent);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("a queued request could not be settled request_id={}", lease.id(), e);
        } finally {
            run.slot.close();
            running.remove(lease.id(), run);
        }
    }

    private static Map<String, String> facts(Running run, Ended ended) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("attempt", Integer.toString(run.lease.attempt()));
        Duration toFirstByte = run.attempt.toFirstByte();
        if (toFirstByte != null) {
            facts.put("first_byte_ms", Long.toString(toFirstByte.toMillis()));
        }
        if (ended.error() == null) {
            facts.put("status", Integer.toString(ended.status()));
        } else {
            facts.put("error_type", ended.error().wireName());
            facts.put("detail", ended.detail());
        }
        return facts;
    }

    private Duration requestTimeout(Lease lease) {
        Route route = routes.find(lease.request().app());
        return route == null ? Timeouts.DEFAULT.request() : route.alias().requestTimeout();
    }

    /// Whether its runner was ended on account of something else while the request was still on it.
    private boolean brokenByDrain(Running run, Ended ended) {
        return ended.error() != ErrorType.REQUEST_TIMEOUT
                && runners.drainOverran(run.slot.runner().id());
    }

    /// @param innocent whether the request lost its runner without being at fault
    private void settle(Running run, Ended ended, boolean innocent) {
        Lease lease = run.lease;
        UUID runner = run.slot.runner().id();
        if (ended.error() != null && (stopping || innocent || runners.endedByPlatform(runner))) {
            persistently(() -> queue.release(lease));
            return;
        }
        String needsRetry = ended.header(AppHeaders.NEEDS_RETRY);
        Ending ending =
                ended.error() == null
                        ? Ending.answered(ended.status(), needsRetry)
                        : Ending.failed(ended.error());
        Verdict verdict = RetryPolicy.decide(ending, rules(lease), lease.attempt(), lease.spent());
        Instant now = clock.instant();
        if (verdict.retry()) {
            double jitter = ThreadLocalRandom.current().nextDouble();
            Instant notBefore = now.plus(RetryPolicy.backoff(lease.attempt(), jitter));
            ErrorType why = ended.error() == null ? ErrorType.RUNNER_SERVER_ERROR : ended.error();
            String detail = ended.error() == null ? "status " + ended.status() : ended.detail();
            persistently(() -> queue.retry(lease, verdict.condition(), notBefore, why, detail));
        } else {
            persistently(() -> queue.complete(lease, result(lease, ended), runner, now));
        }
    }

    private Rules rules(Lease lease) {
        Route route = routes.find(lease.request().app());
        RevisionSpec spec = route == null ? null : route.revision().spec();
        return new Rules(
                lease.request().noRetry(),
                lease.request().retries(),
                spec == null ? List.of() : spec.skipRetryConditions(),
                spec == null ? Map.of() : spec.retries());
    }

    /// protocol: data 9.1
    private static Result result(Lease lease, Ended ended) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        if (ended.error() == null) {
            ended.headers()
                    .forEach((name, values) -> {
                        if (AppHeaders.forCaller(name, ended.status())) {
                            headers.put(name, values);
                        }
                    });
            return new Result(ended.status(), headers, ended.body(), null, null);
        }
        String detail =
                lease.attempt() == 1
                        ? ended.detail()
                        : "%s (attempt %d, the last)".formatted(ended.detail(), lease.attempt());
        headers.put("content-type", List.of("application/json"));
        headers.put("x-fal-error-type", List.of(ended.error().wireName()));
        Map<String, String> body = new LinkedHashMap<>();
        body.put("detail", detail);
        body.put("error_type", ended.error().wireName());
        byte[] json = Json.write(body).getBytes(StandardCharsets.UTF_8);
        return new Result(ended.error().status(), headers, json, ended.error(), detail);
    }

    /// A lease is worth nothing to others until it is settled, so a database that is away for a
    /// while is waited for.
    private void persistently(BooleanSupplier write) {
        while (true) {
            try {
                if (!write.getAsBoolean()) {
                    LOG.debug("a lease was lost before it was settled");
                }
                return;
            } catch (RuntimeException e) {
                if (stopping) {
                    throw e;
                }
                LOG.warn("the outcome of a queued request is not stored yet", e);
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(DATABASE_PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the database", e);
        }
    }

    private void say(Lease lease, String event, Map<String, String> details) {
        history.record(
                new Fact(
                        clock.instant(),
                        Fact.Subject.REQUEST,
                        lease.id().toString(),
                        lease.request().app(),
                        event,
                        details));
    }
}
