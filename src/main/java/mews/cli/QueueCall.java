package mews.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// One call through the queue: submit, wait, print the result. protocol: data 5
final class QueueCall {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

    private final Rest rest;
    private final AppPath target;
    private final Progress progress;

    QueueCall(Rest rest, AppPath target, Progress progress) {
        this.rest = rest;
        this.target = target;
        this.progress = progress;
    }

    /// @return the exit code
    int run(byte[] body, boolean noWait) throws IOException {
        progress.step("submitting to " + target);
        JsonNode submitted =
                rest.json(
                        rest.send(
                                "POST",
                                "/queue/" + target,
                                body,
                                Map.of("Content-Type", Rest.JSON)));
        if (noWait) {
            progress.done();
            Terminal.ofProcess().result(submitted.toString());
            return 0;
        }
        String id = submitted.path("request_id").asString();
        String request = "/queue/" + target.app() + "/requests/" + id;
        progress.line("request " + id);
        try (Interruption _ = Interruption.then(() -> cancel(request))) {
            try (HoldupWatch _ = HoldupWatch.over(rest, target, progress)) {
                await(request);
            }
            progress.done();
            try (Rest.Answer answer = rest.get(request)) {
                return new SyncCall(rest, progress).print(answer);
            }
        }
    }

    private void await(String request) throws IOException {
        String shown = "";
        int printed = 0;
        while (true) {
            JsonNode status = rest.json(rest.get(request + "/status?logs=1"));
            printed = printLogs(status.path("logs"), printed);
            String state = status.path("status").asString("");
            if (state.equals("COMPLETED")) {
                return;
            }
            String now =
                    state.equals("IN_QUEUE")
                            ? "in the queue, %s before it"
                                    .formatted(status.path("queue_position").asString("0"))
                            : "in progress";
            if (!now.equals(shown)) {
                progress.step(now);
                shown = now;
            }
            pause();
        }
    }

    /// Each answer holds all lines so far.
    private int printLogs(JsonNode logs, int printed) {
        for (int i = printed; i < logs.size(); i++) {
            progress.line(logs.get(i).path("message").asString("").stripTrailing());
        }
        return Math.max(printed, logs.size());
    }

    private void cancel(String request) {
        try {
            rest.send("PUT", request + "/cancel", new byte[0], Map.of()).close();
            progress.line("cancelled");
        } catch (IOException e) {
            progress.line("could not cancel: " + e.getMessage());
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_AGAIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.INTERRUPTED, "interrupted");
        }
    }
}
