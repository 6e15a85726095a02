package mews.control;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import mews.deploy.Routes;
import mews.fleet.Fleet;
import mews.fleet.FleetListener;
import mews.model.AppName;
import mews.model.RunnerView;

/// Tells open calls what becomes of the runners of their app.
final class RunnerNews {
    /// Something that a call waits for.
    sealed interface Event {
        record Runner(RunnerView view) implements Event {}

        record AliasGone() implements Event {}

        record CallerGone() implements Event {}
    }

    /// Closing it ends the watch.
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    private final Map<AppName, List<Consumer<Event>>> watchers = new ConcurrentHashMap<>();

    RunnerNews(Fleet fleet, Routes routes) {
        fleet.listen(
                new FleetListener() {
                    @Override
                    public void changed(RunnerView runner) {
                        tell(runner.app(), new Event.Runner(runner));
                    }
                });
        routes.onChange(app -> {
            if (routes.find(app) == null) {
                tell(app, new Event.AliasGone());
            }
        });
    }

    /// @param listener must not block
    Watch watch(AppName app, Consumer<Event> listener) {
        watchers.computeIfAbsent(app, ignored -> new CopyOnWriteArrayList<>()).add(listener);
        return () ->
                watchers.computeIfPresent(
                        app,
                        (ignored, all) -> {
                            all.remove(listener);
                            return all.isEmpty() ? null : all;
                        });
    }

    private void tell(AppName app, Event event) {
        watchers.getOrDefault(app, List.of()).forEach(listener -> listener.accept(event));
    }
}
