package mews.queue;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import mews.model.AppName;

/// Who wants to hear what the queue does.
final class News {
    private final List<Consumer<AppName>> onWork = new CopyOnWriteArrayList<>();
    private final List<Consumer<UUID>> onCancel = new CopyOnWriteArrayList<>();
    private final Map<UUID, List<Runnable>> watchers = new ConcurrentHashMap<>();

    void onWork(Consumer<AppName> listener) {
        onWork.add(listener);
    }

    void onCancel(Consumer<UUID> listener) {
        onCancel.add(listener);
    }

    Queue.Watch watch(UUID id, Runnable listener) {
        watchers.compute(
                id,
                (key, present) -> {
                    List<Runnable> all = present == null ? new CopyOnWriteArrayList<>() : present;
                    all.add(listener);
                    return all;
                });
        return () ->
                watchers.computeIfPresent(
                        id,
                        (key, all) -> {
                            all.remove(listener);
                            return all.isEmpty() ? null : all;
                        });
    }

    void work(AppName app) {
        onWork.forEach(listener -> listener.accept(app));
    }

    void cancel(UUID id) {
        onCancel.forEach(listener -> listener.accept(id));
    }

    void changed(UUID id) {
        watchers.getOrDefault(id, List.of()).forEach(Runnable::run);
    }
}
