package mews.cli;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/// Beside a call that waits: says why its app has no runner yet, once per reason. Only the owner of
/// an app is told; others just wait.
final class HoldupWatch implements AutoCloseable {
    /// Most calls are over by then.
    private static final Duration FIRST = Duration.ofSeconds(1);

    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final Rest rest;
    private final String path;
    private final Progress progress;
    private final Thread looking;
    private String told = "";

    private HoldupWatch(Rest rest, AppPath app, Progress progress) {
        this.rest = rest;
        this.path = "/v1/mews/apps/%s/explanation".formatted(app.app());
        this.progress = progress;
        this.looking = Thread.ofVirtual().unstarted(this::look);
    }

    /// Looks from now on until it is closed.
    static HoldupWatch over(Rest rest, AppPath app, Progress progress) {
        HoldupWatch watch = new HoldupWatch(rest, app, progress);
        watch.looking.start();
        return watch;
    }

    @Override
    public void close() {
        looking.interrupt();
    }

    private void look() {
        try {
            Thread.sleep(FIRST);
            while (true) {
                JsonNode story = rest.json(rest.get(path));
                JsonNode holdup = story.path("held_up");
                if (holdup.isObject()) {
                    tell(holdup, story.path("at").asString(""));
                }
                Thread.sleep(AGAIN);
            }
        } catch (IOException | Failure e) {
            // Not this caller's app, or the call itself will tell.
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /// @param now by the server's clock
    private void tell(JsonNode holdup, String now) {
        String reason = holdup.path("reason").asString("");
        String until = holdup.path("until").asString("");
        String text =
                switch (holdup.path("by").asString("")) {
                    case "backoff" -> backoff(reason, until, now);
                    case "no_room" -> "no runner can start yet, for want of room: " + reason;
                    default -> "no runner can start yet: " + reason;
                };
        // Each failed start is told; that there is still no room is not.
        String key = holdup.path("by").asString("").equals("backoff") ? reason + until : text;
        if (!key.equals(told) && !Thread.currentThread().isInterrupted()) {
            told = key;
            progress.line(text);
        }
    }

    private static String backoff(String reason, String until, String now) {
        String what = "the last start failed: " + reason;
        try {
            Duration left = Duration.between(Instant.parse(now), Instant.parse(until));
            return "%s; next try in %d s"
                    .formatted(what, Math.max(1, left.plusMillis(999).toSeconds()));
        } catch (DateTimeException e) {
            return what;
        }
    }
}
