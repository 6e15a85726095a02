package mews.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import mews.model.AppName;
import mews.queue.Queue;
import mews.queue.Queue.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leases queued requests for the core, one claim per app at a time. The queue blocks, so each
/// claim has a virtual thread.
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final Queue queue;
    private final InstantSource clock;
    private final Map<AppName, List<Lease>> present = new ConcurrentHashMap<>();

    Claims(Queue queue, InstantSource clock) {
        this.queue = queue;
        this.clock = clock;
    }

    /// @param leased hears what was leased, on another thread; nothing if the queue failed
    void start(AppName app, int most, Consumer<List<Lease>> leased) {
        Thread.ofVirtual().name("claim-" + app).start(() -> leased.accept(lease(app, most)));
    }

    private List<Lease> lease(AppName app, int most) {
        try {
            return queue.lease(app, most, clock.instant());
        } catch (RuntimeException e) {
            LOG.warn("queued requests cannot be leased now app={}", app, e);
            try {
                Thread.sleep(AFTER_FAILURE);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            return List.of();
        }
    }

    /// What the core is about to give out. Only inside the turnstile.
    void put(AppName app, List<Lease> leases) {
        present.put(app, leases);
    }

    Lease get(AppName app, int index) {
        return present.getOrDefault(app, List.of()).get(index);
    }
}
