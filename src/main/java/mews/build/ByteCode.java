package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import mews.host.EnvironmentLayout;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Byte code of layers, compiled while the layer is in use already: a first import needs a small
/// part of it, and a build that waited for all would take twice as long. One finished layer at a
/// time, and what a stopped server left is taken up again. Thread-safe.
final class ByteCode {
    private static final Logger LOG = LoggerFactory.getLogger(ByteCode.class);

    /// Where nothing can be compiled beside it, the runner that a layer was built for comes first.
    private static final Duration COURTESY = Duration.ofSeconds(5);

    private final LayerShelf shelf;
    private final PackageCache packages;
    private final Compiler compiler;
    private final Set<Work> works = ConcurrentHashMap.newKeySet();
    private final ReentrantLock turn = new ReentrantLock();

    /// Of one layer, from the courtesy on.
    private record Work(String key, Thread thread, CompletableFuture<Void> end) {}

    /// From here on no layer leaves the shelf while its byte code is made.
    ByteCode(LayerShelf shelf, PackageCache packages, EnvironmentLayout layout, Sandbox sandbox) {
        this.shelf = shelf;
        this.packages = packages;
        this.compiler = new Compiler(layout, sandbox);
        shelf.beforeLeaving(key -> end(work -> work.key().equals(key)));
    }

    /// Compiles a layer, unless that was done.
    ///
    /// @param asked names of packages that are likely to be imported first
    /// @param wheels what of it the store is to have then
    void later(String key, List<String> asked, Lock wheels) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread =
                Thread.ofVirtual()
                        .name("compile-" + key)
                        .unstarted(() -> {
                            try {
                                if (!Compiler.worksBeside()) {
                                    Thread.sleep(COURTESY);
                                }
                                compile(key, asked, wheels);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } finally {
                                end.complete(null);
                            }
                        });
        Work work = new Work(key, thread, end);
        works.add(work);
        end.thenRun(() -> works.remove(work));
        thread.start();
    }

    /// Takes up what an earlier life of the server left.
    void resume() throws IOException {
        for (String key : shelf.uncompiled()) {
            later(key, List.of(), Lock.EMPTY);
        }
    }

    /// Waits until none is under way.
    void stop() {
        end(work -> true);
    }

    private void end(Predicate<Work> which) {
        List<Work> ending = works.stream().filter(which).toList();
        ending.forEach(work -> work.thread().interrupt());
        ending.forEach(work -> work.end().join());
    }

    private void compile(String key, List<String> asked, Lock wheels) throws InterruptedException {
        turn.lockInterruptibly();
        try {
            if (!shelf.lacksByteCode(key)) {
                return;
            }
            Path site = shelf.site(key);
            reclaim(site);
            String minor = shelf.label(key).python();
            try (SandboxProcess process = compiler.start(minor, site, asked)) {
                if (process.exit().get().code() != 0) {
                    LOG.warn("a layer has not all of its byte code layer={}", key);
                }
            }
            keep(key, wheels);
            shelf.compiled(key);
        } catch (IOException | ExecutionException | RuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("byte code is not wanted any more");
            }
            if (shelf.lacksByteCode(key)) {
                LOG.warn("byte code of a layer cannot be made, it works without layer={}", key, e);
            } else {
                LOG.debug("a layer vanished while its byte code was made layer={}", key, e);
            }
        } finally {
            turn.unlock();
        }
    }

    /// Whose a folder is, its top tells. That was the build's own already before all else was laid
    /// in, which would then not be handed over.
    private static void reclaim(Path site) throws IOException {
        Object server = Files.getAttribute(site.resolveSibling(""), "unix:uid");
        Files.setAttribute(site, "unix:uid", server);
    }

    /// Lets later layers have the same wheels with their byte code.
    private void keep(String key, Lock wheels) throws IOException {
        LayerShelf.Label label = shelf.label(key);
        try (Holds.Hold hold = packages.hold()) {
            packages.open(label.account(), hold);
            WheelStore store = packages.store(label.account(), label.python());
            if (!wheels.entries().isEmpty()) {
                store.keepOf(shelf.site(key), wheels.entries());
            }
            for (String entry : shelf.lock(key).entries().values()) {
                store.adopt(entry, shelf.site(key));
            }
        }
    }
}
