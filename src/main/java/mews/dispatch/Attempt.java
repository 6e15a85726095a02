package mews.dispatch;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import mews.model.ErrorType;
import mews.queue.Queue.NewRequest;
import org.jspecify.annotations.Nullable;

/// One queued request sent to one runner.
final class Attempt {
    /// An answer larger than this is not kept.
    static final int MOST_RESULT_BYTES = 256 << 20;

    /// @param error null if the app answered
    /// @param status 0 without an answer
    record Ended(
            int status,
            Map<String, List<String>> headers,
            byte[] body,
            @Nullable ErrorType error,
            String detail) {
        static Ended failed(ErrorType error, String detail) {
            return new Ended(0, Map.of(), new byte[0], error, detail);
        }

        @Nullable String header(String name) {
            List<String> values = headers.get(name);
            return values == null ? null : values.getFirst();
        }
    }

    private final RunnerClient client;
    private final NewRequest request;
    private final Dispatcher.Slot slot;
    private final CompletableFuture<Ended> ended = new CompletableFuture<>();
    private volatile @Nullable HttpClientRequest sent;
    private volatile @Nullable Duration toFirstByte;
    private long began;

    Attempt(RunnerClient client, NewRequest request, Dispatcher.Slot slot) {
        this.client = client;
        this.request = request;
        this.slot = slot;
    }

    /// Sends the request and blocks until it is over.
    ///
    /// @param most longest it may take; zero = as long as it takes
    Ended run(Duration most) throws InterruptedException {
        began = System.nanoTime();
        send();
        try {
            return most.isZero() ? ended.get() : ended.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            String text = "the request took longer than the %d s that request_timeout allows";
            stop(ErrorType.REQUEST_TIMEOUT, text.formatted(most.toSeconds()));
            return ended.resultNow();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an attempt ends with a value only", e);
        }
    }

    /// How long the app took to begin its answer; null if it did not.
    @Nullable Duration toFirstByte() {
        return toFirstByte;
    }

    /// Ends it from outside, if it has not ended by itself.
    void stop(ErrorType why, String detail) {
        ended.complete(Ended.failed(why, detail));
        HttpClientRequest open = sent;
        if (open != null) {
            open.reset();
        }
    }

    private void send() {
        HttpMethod method = HttpMethod.valueOf(request.method());
        client.open(RunnerClient.to(slot.socketPath(), method, request.path()))
                .onFailure(failure -> fail(RunnerClient.connectFailure(failure)))
                .onSuccess(open -> {
                    sent = open;
                    if (ended.isDone()) {
                        open.reset();
                        return;
                    }
                    request.headers().forEach(open::putHeader);
                    open.send(Buffer.buffer(request.body()))
                            .onFailure(failure -> fail(RunnerClient.answerFailure(failure)))
                            .onSuccess(this::receive);
                });
    }

    private void receive(HttpClientResponse response) {
        toFirstByte = Duration.ofNanos(System.nanoTime() - began);
        slot.answered(response.statusCode(), response::getHeader);
        Buffer body = Buffer.buffer();
        response.exceptionHandler(failure -> fail(ErrorType.RUNNER_INCOMPLETE_RESPONSE));
        response.endHandler(end -> ended.complete(answer(response, body)));
        response.handler(chunk -> {
            if (body.length() + chunk.length() > MOST_RESULT_BYTES) {
                stop(
                        ErrorType.RUNNER_SERVER_ERROR,
                        "the app's answer exceeds the %d MB that a queued request may return"
                                .formatted(MOST_RESULT_BYTES >> 20));
            } else {
                body.appendBuffer(chunk);
            }
        });
    }

    private static Ended answer(HttpClientResponse response, Buffer body) {
        int status = response.statusCode();
        Map<String, List<String>> headers = new LinkedHashMap<>();
        response.headers()
                .forEach(header ->
                        headers.computeIfAbsent(
                                        header.getKey().toLowerCase(Locale.ROOT),
                                        name -> new ArrayList<>())
                                .add(header.getValue()));
        return new Ended(status, headers, body.getBytes(), null, "");
    }

    private void fail(ErrorType type) {
        ended.complete(Ended.failed(type, RunnerClient.describe(type)));
    }
}
