package mews.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mews.base.Json;
import tools.jackson.databind.JsonNode;

/// Callers who go on whatever happens: half of them call and wait, half of them leave requests in
/// the queue.
final class StormCallers {
    private static final int CALLERS = 24;
    private static final Duration PAUSE = Duration.ofMillis(120);

    /// A call that did not bring its answer.
    ///
    /// @param error what the platform called it; empty if there was no answer at all
    record Failed(Instant from, Instant to, int status, String error, String text) {}

    private final Path home;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final ScheduledExecutorService callers = Executors.newScheduledThreadPool(CALLERS);
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final Map<Integer, String> accepted = new ConcurrentHashMap<>();
    private final List<Failed> failures = new CopyOnWriteArrayList<>();

    StormCallers(Path home) {
        this.home = home;
    }

    void start() {
        for (int caller = 0; caller < CALLERS; caller++) {
            Runnable call = caller % 2 == 0 ? this::call : this::submit;
            callers.scheduleWithFixedDelay(call, 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /// Calls no more; returns when the last call has ended.
    void stop() {
        callers.shutdown();
        try {
            if (!callers.awaitTermination(3, TimeUnit.MINUTES)) {
                throw new AssertionError("calls hang");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ids of the requests that the queue took, by their numbers.
    Map<Integer, String> accepted() {
        return accepted;
    }

    int answered() {
        return answered.get();
    }

    List<Failed> failures() {
        return failures;
    }

    private void call() {
        int number = numbers.incrementAndGet();
        Instant from = Instant.now();
        try {
            HttpResponse<String> answer = send(request("run", "", body(number)));
            String error = answer.headers().firstValue("x-fal-error-type").orElse("none");
            if (answer.statusCode() == 200 && number(answer.body()) == number) {
                answered.incrementAndGet();
            } else {
                failures.add(
                        new Failed(from, Instant.now(), answer.statusCode(), error, answer.body()));
            }
        } catch (IOException | RuntimeException e) {
            failures.add(new Failed(from, Instant.now(), 0, "", e.toString()));
        }
    }

    private void submit() {
        int number = numbers.incrementAndGet();
        try {
            HttpResponse<String> answer = send(request("queue", "", body(number)));
            if (answer.statusCode() == 200) {
                JsonNode json = Json.MAPPER.readTree(answer.body());
                accepted.put(number, json.path("request_id").asString());
            }
        } catch (IOException | RuntimeException e) {
            // Nobody was told that it was taken.
        }
    }

    boolean complete(String id) throws IOException {
        JsonNode status = json(request("queue", "/requests/" + id + "/status", null));
        return status.path("status").asString("").equals("COMPLETED");
    }

    /// @return the number that came back; -1 for any other answer
    int result(String id) throws IOException {
        return number(send(request("queue", "/requests/" + id, null)).body());
    }

    /// How often something happened to a request.
    long count(String id, String event) throws IOException {
        HttpRequest request = request("api", "/v1/mews/requests/" + id + "/history", null);
        long count = 0;
        for (JsonNode fact : json(request).path("facts")) {
            count += fact.path("event").asString().equals(event) ? 1 : 0;
        }
        return count;
    }

    private JsonNode json(HttpRequest request) throws IOException {
        return Json.MAPPER.readTree(send(request).body());
    }

    private static String body(int number) {
        return "{\"n\": %d}".formatted(number);
    }

    private static int number(String body) {
        return body.startsWith("{") ? Json.MAPPER.readTree(body).path("n").asInt(-1) : -1;
    }

    private HttpRequest request(
            String family, String path, @org.jspecify.annotations.Nullable String body)
            throws IOException {
        JsonNode told = Json.MAPPER.readTree(Files.readString(home.resolve("server.json")));
        String key = Files.readString(home.resolve("credentials")).strip();
        String app = family.equals("api") ? "" : "/local/storm";
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(told.path(family).asString() + app + path))
                        .header("authorization", "Key " + key)
                        .timeout(Duration.ofMinutes(2));
        return body == null
                ? request.GET().build()
                : request.header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
