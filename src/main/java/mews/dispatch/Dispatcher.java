package mews.dispatch;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import mews.model.AppName;
import mews.model.Route;
import mews.model.RunnerView;
import org.jspecify.annotations.Nullable;

/// Matches direct calls and queued requests to slots of ready runners. Thread-safe, never blocks
/// its callers.
public interface Dispatcher extends AutoCloseable {
    /// Room for one request on one runner, from admission until `close`. Closing twice is closing
    /// once.
    interface Slot extends AutoCloseable {
        RunnerView runner();

        /// The socket to send the request to.
        String socketPath();

        /// What the head of the app's answer means for its runner: hints, health, whether it goes.
        ///
        /// @param header looks a header up by its lower-case name; null if there is none
        void answered(int status, Function<String, @Nullable String> header);

        /// Tells the app that the caller of its request went away, as far as the app wants to know.
        /// protocol: data 8
        ///
        /// @param path the request was sent to; may carry a query
        void cancel(String path);

        /// Says that the call has no end to wait for, being a websocket or a stream. Before `close`
        /// only, from the thread that closes.
        ///
        /// @param end told on `context` once its runner has drained for as long as it waits for
        ///   such calls
        void mayStayOpen(Context context, Runnable end);

        /// Ends the request's hold on the slot.
        ///
        /// @param healthy false: the connection broke or the request timed out, so the runner must
        ///   go
        void close(boolean healthy);

        @Override
        default void close() {
            close(true);
        }
    }

    /// Why a direct call got no slot.
    final class NotAdmitted extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final mews.model.ErrorType type;

        public NotAdmitted(mews.model.ErrorType type, String message) {
            super(message, null, false, false);
            this.type = type;
        }

        public mews.model.ErrorType type() {
            return type;
        }
    }

    /// Waits for a slot, counted as demand, up to `deadline`.
    ///
    /// @param hint prefer a runner that reported it
    /// @return completes on the caller's Vert.x context; fails with `NotAdmitted`. Cancel by
    ///   `abandon`.
    Future<Slot> admit(Route route, UUID request, Instant deadline, @Nullable String hint);

    /// The caller of a waiting request went away.
    void abandon(UUID request);

    Map<AppName, Demand> demands();

    /// The longest that a recent request took on its runner; zero if none has ended yet.
    default Duration longestRecent(AppName app) {
        return Duration.ZERO;
    }

    /// Hears that demand of an app changed; must not block.
    void onDemand(java.util.function.Consumer<AppName> listener);

    @Override
    void close();
}
