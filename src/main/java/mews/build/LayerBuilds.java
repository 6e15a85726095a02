package mews.build;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import mews.model.Refusal;

/// Layers that are being made: whoever wants one that is under way waits for it. Thread-safe.
final class LayerBuilds {
    private final LayerStore store;
    private final ConcurrentMap<String, LayerBuild> running = new ConcurrentHashMap<>();

    LayerBuilds(LayerStore store) {
        this.store = store;
    }

    /// @return key of the layer
    String make(LayerStore.Job job, Consumer<String> say)
            throws ExecutionException, InterruptedException {
        // Who wants it resolved anew must not be given what another one takes from a lock.
        String name =
                job.force()
                        ? job.wanted() + " anew"
                        : job.from() == null ? job.wanted() : job.from().key();
        while (true) {
            LayerBuild[] mine = new LayerBuild[1];
            LayerBuild build =
                    running.computeIfAbsent(
                            name,
                            key -> {
                                mine[0] = new LayerBuild(key, lines -> unlessThere(job, lines));
                                return mine[0];
                            });
            if (!build.join(say)) {
                running.remove(name, build);
                continue;
            }
            if (build == mine[0]) {
                build.start();
            }
            try {
                return build.await(say);
            } finally {
                if (build.ended()) {
                    running.remove(name, build);
                }
            }
        }
    }

    /// @param what cannot be built
    static Refusal refusal(String what, ExecutionException e) {
        return switch (e.getCause()) {
            case Refusal refusal -> refusal;
            case Installer.Failed failed ->
                    new Refusal(
                            Refusal.Kind.INVALID,
                            "%s cannot be built:\n%s".formatted(what, failed.explanation()));
            case RuntimeException broken -> throw broken;
            case null, default ->
                    throw new IllegalStateException(what + " cannot be built", e.getCause());
        };
    }

    /// Another build may have ended just before this one began.
    private String unlessThere(LayerStore.Job job, Consumer<String> lines) throws Exception {
        if (!job.force()) {
            String key =
                    job.from() == null
                            ? store.locks().resolved(job.wanted()).orElse("")
                            : job.from().key();
            if (!key.isEmpty() && store.shelf().has(key)) {
                return key;
            }
        }
        return store.make(job, lines);
    }
}
