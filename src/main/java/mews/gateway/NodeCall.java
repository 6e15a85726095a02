package mews.gateway;

import io.vertx.core.MultiMap;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import mews.base.Json;
import mews.deploy.Routes;
import mews.model.Refusal;
import mews.model.Route;
import mews.queue.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// What a node of a workflow asks of its app: a durable request in the name of the workflow's
/// caller. Blocks.
final class NodeCall {
    /// For a lost word of the queue: its rows are looked at all the same.
    private static final int LOOK_AGAIN_MILLIS = 1000;

    private final Routes routes;
    private final Queue queue;
    private final InstantSource clock;

    NodeCall(Routes routes, Queue queue, InstantSource clock) {
        this.routes = routes;
        this.queue = queue;
        this.clock = clock;
    }

    /// The app said no, or could not be asked.
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final transient JsonNode body;

        /// @param status as the app answered, or as the gateway would
        Failed(int status, JsonNode body, String message) {
            super(message);
            this.status = status;
            this.body = body;
        }

        int status() {
            return status;
        }

        JsonNode body() {
            return body;
        }
    }

    /// The same node of the same run has the same request, so that a run which begins again after a
    /// crash finds what its nodes have asked already.
    static UUID idOf(UUID run, String node) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(run.toString().getBytes(StandardCharsets.UTF_8));
            ByteBuffer hash = ByteBuffer.wrap(digest.digest(node.getBytes(StandardCharsets.UTF_8)));
            long high =
                    (run.getMostSignificantBits() & ~0xffffL) | 0x7000 | hash.getShort() & 0xfff;
            long low = (hash.getLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
            return new UUID(high, low);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Submits the request, unless an earlier life of the run did.
    void submit(UUID id, EndpointPath target, JsonNode input, String caller) throws Failed {
        Route route = routes.find(target.app());
        if (route == null || !route.revision().spec().served()) {
            throw refused(404, "Application \"%s\" not found".formatted(target.app()));
        }
        if (Access.mayCall(route, caller) instanceof Access.Answer.Denied(String why)) {
            throw refused(403, why);
        }
        if (queue.find(id).isPresent()) {
            return;
        }
        MultiMap headers =
                MultiMap.caseInsensitiveMultiMap().add("content-type", "application/json");
        try {
            queue.submit(
                    new Queue.NewRequest(
                            id,
                            target.app(),
                            "POST",
                            target.rest(),
                            CallHeaders.toRunner(headers, route, target.rest(), id, caller),
                            Json.write(input).getBytes(StandardCharsets.UTF_8),
                            caller,
                            Queue.Priority.NORMAL,
                            null,
                            false,
                            null,
                            null,
                            null,
                            true,
                            clock.instant()),
                    null);
        } catch (Refusal refusal) {
            throw refused(429, refusal.getMessage());
        }
    }

    /// @param given whether nobody waits for it any more
    JsonNode await(UUID id, BooleanSupplier given) throws Failed, InterruptedException {
        Semaphore news = new Semaphore(0);
        Queue.Watch watch = queue.watch(id, news::release);
        try (watch) {
            while (!given.getAsBoolean()) {
                Queue.View view = queue.find(id).orElse(null);
                if (view == null) {
                    throw refused(500, "the request of the node is gone");
                }
                if (view.state() == Queue.State.COMPLETED) {
                    return answer(queue.result(id).orElse(null));
                }
                if (news.tryAcquire(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                }
            }
        }
        throw refused(499, "the workflow ended before the node did");
    }

    private static JsonNode answer(Queue.@Nullable Result result) throws Failed {
        if (result == null) {
            throw refused(500, "the answer of the node is gone");
        }
        JsonNode body = json(result.body());
        if (result.status() < 200 || result.status() > 299) {
            throw new Failed(
                    result.status(),
                    body == null ? text(result.body()) : body,
                    "its app answered %d".formatted(result.status()));
        }
        if (body == null) {
            throw new Failed(
                    502, text(result.body()), "its app did not answer JSON, which nodes pass on");
        }
        return body;
    }

    private static @Nullable JsonNode json(byte[] body) {
        try {
            JsonNode read = Json.MAPPER.readTree(body);
            return read.isMissingNode() ? null : read;
        } catch (JacksonException e) {
            return null;
        }
    }

    private static JsonNode text(byte[] body) {
        return StringNode.valueOf(new String(body, StandardCharsets.UTF_8));
    }

    private static Failed refused(int status, String why) {
        return new Failed(status, Json.MAPPER.createObjectNode().put("detail", why), why);
    }
}
