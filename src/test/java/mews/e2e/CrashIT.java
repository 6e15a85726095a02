package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import mews.base.Json;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// A server that is killed in the middle of its queue, and started again, finishes every request,
/// and every workflow without doing again what its steps had done.
class CrashIT {
    private static final int REQUESTS = Boolean.getBoolean("mews.long") ? 1000 : 300;

    /// Both runners have their slots full when the server goes.
    private static final int SLOTS = 8;

    private static final String APP =
            """
            import os
            import time

            import fal
            from pydantic import BaseModel


            class Input(BaseModel):
                n: int


            class Ledger(fal.App):
                max_concurrency = 2
                max_multiplexing = 4

                @fal.endpoint("/")
                def enter(self, input: Input) -> dict:
                    with open("/data/ledger", "a") as ledger:
                        ledger.write(f"{input.n}\\n")
                    time.sleep(0.05)
                    return {"n": input.n}

                @fal.endpoint("/last")
                def last(self, input: Input) -> dict:
                    with open("/data/ledger", "a") as ledger:
                        ledger.write(f"{input.n}\\n")
                    while not os.path.exists("/data/go"):
                        time.sleep(0.05)
                    return {"n": input.n}
            """;

    private static final String STEPS =
            """
            {"name": "steps", "title": "", "is_public": false, "contents": {
              "nodes": {
                "first": {"type": "run", "id": "first", "app": "local/ledger", "input": {"n": "$input.first"}},
                "last": {"type": "run", "id": "last", "app": "local/ledger/last",
                         "input": {"n": "$input.last", "after": "$first.n"}}},
              "output": {"first": "$first.n", "last": "$last.n"}}}
            """;

    private static final List<Integer> FIRST = List.of(1_000_001, 1_000_002, 1_000_003);
    private static final List<Integer> LAST = List.of(2_000_001, 2_000_002, 2_000_003);

    private static final String APP_PATH = "/local/ledger";
    private static final String STEPS_PATH = "/workflows/local/steps";

    @TempDir Path folder;
    private final HttpClient http = HttpClient.newHttpClient();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyQueuedRequestAndWorkflowEndsOnce(boolean databaseToo) throws Exception {
        List<String> ids;
        List<String> runs;
        try (Served killed = new Served(folder)) {
            Path app = Shell.write(folder.resolve("app/app.py"), APP);
            killed.shell.mews("deploy", app + "::Ledger").succeeded();
            runs = submitRuns();
            ids = submitAll();
            await("some of them to have run, and all last steps to have begun")
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> ledger().size() >= REQUESTS / 3 && ledger().containsAll(LAST));
            kill(databaseToo);
        }
        Files.delete(home().resolve("server.json"));
        Files.createFile(home().resolve("data/local/go"));
        try (Served _ = new Served(folder)) {
            await("all of them to be complete")
                    .atMost(Duration.ofMinutes(5))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() ->
                            completed(APP_PATH, ids) == REQUESTS
                                    && completed(STEPS_PATH, runs) == runs.size());
            for (int n = 0; n < runs.size(); n++) {
                JsonNode output = get(STEPS_PATH, runs.get(n), "");
                assertThat(output.path("first").asInt()).isEqualTo(FIRST.get(n));
                assertThat(output.path("last").asInt()).isEqualTo(LAST.get(n));
            }
            for (int n = 0; n < REQUESTS; n++) {
                assertThat(get(APP_PATH, ids.get(n), "").path("n").asInt(-1)).isEqualTo(n);
            }
        }
        assertThat(ledger().stream().filter(FIRST::contains))
                .as("steps that were done when the server was killed")
                .containsExactlyInAnyOrderElementsOf(FIRST);
        List<Integer> ran = ledger().stream().filter(n -> n < REQUESTS).toList();
        assertThat(new HashSet<>(ran)).hasSize(REQUESTS);
        assertThat(ran.size() - REQUESTS)
                .as("only what ran, or had just ended and was not stored yet, may run again")
                .isLessThanOrEqualTo(2 * SLOTS);
    }

    private List<String> submitRuns() throws Exception {
        String api = told().path("api").asString("");
        json(post(api + "/workflows/", STEPS));
        List<String> runs = new ArrayList<>();
        for (int n = 0; n < FIRST.size(); n++) {
            String input = "{\"first\": %d, \"last\": %d}".formatted(FIRST.get(n), LAST.get(n));
            runs.add(submit(STEPS_PATH, input));
        }
        return runs;
    }

    private List<String> submitAll() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
            List<Future<String>> submits =
                    IntStream.range(0, REQUESTS)
                            .mapToObj(n ->
                                    callers.submit(
                                            () -> submit(APP_PATH, "{\"n\": %d}".formatted(n))))
                            .toList();
            List<String> ids = new ArrayList<>();
            for (Future<String> submitted : submits) {
                ids.add(submitted.get());
            }
            return ids;
        }
    }

    private String submit(String path, String input) throws IOException, InterruptedException {
        return json(post(queue() + path, input)).path("request_id").asString("");
    }

    private long completed(String path, List<String> ids) throws IOException, InterruptedException {
        long completed = 0;
        for (String id : ids) {
            if (get(path, id, "/status").path("status").asString("").equals("COMPLETED")) {
                completed++;
            }
        }
        return completed;
    }

    private JsonNode get(String path, String id, String operation)
            throws IOException, InterruptedException {
        return json(request(queue() + path + "/requests/" + id + operation).GET().build());
    }

    private HttpRequest post(String url, String body) throws IOException {
        return request(url)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String url) throws IOException {
        String key = Files.readString(home().resolve("credentials")).strip();
        return HttpRequest.newBuilder(URI.create(url)).header("authorization", "Key " + key);
    }

    private String queue() throws IOException {
        return told().path("queue").asString("");
    }

    private JsonNode json(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as("%s", answer.body()).isIn(200, 201, 202);
        return Json.MAPPER.readTree(answer.body());
    }

    /// SIGKILL to the server, and to its database's processes too if asked for.
    private void kill(boolean databaseToo) throws IOException {
        Set<ProcessHandle> victims = new HashSet<>();
        ProcessHandle.of(told().path("pid").asLong()).ifPresent(victims::add);
        if (databaseToo) {
            ProcessHandle.allProcesses()
                    .filter(process ->
                            process.info().commandLine().orElse("").contains(home() + "/postgres"))
                    .forEach(victims::add);
            assertThat(victims).hasSizeGreaterThan(1);
        }
        victims.forEach(ProcessHandle::destroyForcibly);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> victims.stream().noneMatch(ProcessHandle::isAlive));
    }

    private JsonNode told() throws IOException {
        return Json.MAPPER.readTree(Files.readString(home().resolve("server.json")));
    }

    private List<Integer> ledger() throws IOException {
        Path ledger = home().resolve("data/local/ledger");
        return Files.exists(ledger)
                ? Files.readAllLines(ledger).stream()
                        .filter(line -> !line.isEmpty())
                        .map(Integer::valueOf)
                        .toList()
                : List.of();
    }

    private Path home() {
        return folder.resolve("home");
    }
}
