package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import mews.host.EnvironmentLayout;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Byte code of finished layers, compiled while they are in use already: a first import needs a
/// small part of it, and a build that waited for all would take twice as long. One layer at a time,
/// and what a stopped server left is taken up again. Thread-safe.
final class ByteCode {
    private static final Logger LOG = LoggerFactory.getLogger(ByteCode.class);

    /// The runner that a layer was built for comes first.
    private static final Duration COURTESY = Duration.ofSeconds(3);

    /// What is compiled already, like what came with a wheel from the store, is left alone. The
    /// content decides, not the clock: a layer that was moved or unpacked later keeps its byte
    /// code.
    private static final String PROGRAM =
            """
            import importlib.util, os, py_compile, sys
            denied = None
            for folder, _, names in os.walk(sys.argv[1]):
                for name in names:
                    source = os.path.join(folder, name)
                    if not name.endswith(".py") or os.path.exists(importlib.util.cache_from_source(source)):
                        continue
                    try:
                        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                        py_compile.compile(source, doraise=True, invalidation_mode=mode)
                    except PermissionError:
                        denied = source
                    except (py_compile.PyCompileError, OSError, ValueError, RecursionError):
                        pass
            sys.exit(denied and 1)
            """;

    private final LayerShelf shelf;
    private final PackageCache packages;
    private final EnvironmentLayout layout;
    private final Sandbox sandbox;
    private final Set<Work> works = ConcurrentHashMap.newKeySet();
    private final ReentrantLock turn = new ReentrantLock();

    /// Of one layer, from the courtesy on.
    private record Work(String key, Thread thread, CompletableFuture<Void> end) {}

    /// From here on no layer leaves the shelf while its byte code is made.
    ByteCode(LayerShelf shelf, PackageCache packages, EnvironmentLayout layout, Sandbox sandbox) {
        this.shelf = shelf;
        this.packages = packages;
        this.layout = layout;
        this.sandbox = sandbox;
        shelf.beforeLeaving(key -> end(work -> work.key().equals(key)));
    }

    /// Compiles a layer soon, unless that was done.
    void later(String key) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread =
                Thread.ofVirtual()
                        .name("compile-" + key)
                        .unstarted(() -> {
                            try {
                                Thread.sleep(COURTESY);
                                compile(key);
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
            later(key);
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

    private void compile(String key) throws InterruptedException {
        turn.lockInterruptibly();
        try {
            if (!shelf.lacksByteCode(key)) {
                return;
            }
            reclaim(shelf.site(key));
            try (SandboxProcess process = sandbox.start(spec(key))) {
                if (process.exit().get().code() != 0) {
                    LOG.warn("a layer has not all of its byte code layer={}", key);
                }
            }
            shelf.compiled(key);
            adopt(key);
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

    /// Lets later layers with the same wheels have it too.
    private void adopt(String key) throws IOException {
        LayerShelf.Label label = shelf.label(key);
        WheelStore store = packages.store(label.account(), label.python());
        for (String entry : shelf.lock(key).entries().values()) {
            store.adopt(entry, shelf.site(key));
        }
    }

    /// It reads the sources and runs none of them. A file that is no Python of this version is left
    /// as it is.
    private SandboxSpec spec(String key) throws IOException {
        String minor = shelf.label(key).python();
        Path site = shelf.site(key);
        List<String> command =
                List.of(
                        "nice",
                        "-n",
                        "19",
                        layout.interpreter(minor).toString(),
                        "-I",
                        "-S",
                        "-c",
                        PROGRAM,
                        site.toString());
        List<SandboxSpec.Bind> binds = new ArrayList<>();
        binds.add(SandboxSpec.Bind.writable(site));
        layout.visible(minor).forEach(path -> binds.add(SandboxSpec.Bind.readOnly(path)));
        return new SandboxSpec(
                "compile",
                command,
                Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LANG", "C.UTF-8"),
                site.toString(),
                binds,
                SandboxSpec.Network.NONE,
                SandboxSpec.Limits.NONE);
    }
}
