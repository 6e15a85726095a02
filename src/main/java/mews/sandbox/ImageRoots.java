package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import mews.host.Bubblewrap;
import mews.host.Command;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.sandbox.SandboxSpec.Root;
import org.jspecify.annotations.Nullable;

/// Puts processes on the root file systems of images. What that takes is made at the first one.
/// Thread-safe.
final class ImageRoots {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// @param python runs `stage.py`
    private record Tools(Path python, Path stage, StepDown stepDown) {}

    private final Bubblewrap bubblewrap;
    private final Path folder;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Tools tools;

    /// @param folder for this class alone, swept at the server's start
    ImageRoots(Bubblewrap bubblewrap, Path folder) {
        this.bubblewrap = bubblewrap;
        this.folder = folder;
    }

    /// @param uid of the owner on this host
    /// @throws IOException if this host cannot run the image's user, saying why and what to do
    ImageArguments arguments(SandboxSpec spec, Root root, int uid, Path etc) throws IOException {
        ImageIds ids = ImageIds.OWN;
        if (bubblewrap.asRoot()) {
            ids = ImageIds.of(root.user(), spec.owner(), uid);
        } else if (root.user().uid() != 0) {
            throw new IOException(
                    "the image runs as user %d, and a server of an ordinary user can give images no user but root; run the server as root, or set USER root in the image"
                            .formatted(root.user().uid()));
        }
        return new ImageArguments(spec, root, ids, tools().stepDown, etc);
    }

    /// What to start: lays everything out and becomes bubblewrap.
    ///
    /// @param groups that it joins once everything is laid out: that is our work, not the app's
    /// @param room folder of this process, to which the plan is written
    List<String> staging(ImageArguments arguments, boolean lowPorts, List<String> groups, Path room)
            throws IOException {
        Path plan = room.resolve("plan");
        Files.writeString(plan, arguments.plan(lowPorts, groups));
        Tools with = tools();
        return List.of(
                with.python.toString(), "-I", "-S", "-B", with.stage.toString(), plan.toString());
    }

    private Tools tools() throws IOException {
        lock.lock();
        try {
            Tools made = tools;
            if (made == null) {
                made = make();
                tools = made;
            }
            return made;
        } finally {
            lock.unlock();
        }
    }

    /// Each start would compile it anew.
    private static Path compiled(Path python, Path stage) throws IOException {
        Path compiled = stage.resolveSibling("stage.pyc");
        Command.Result done =
                Command.run(
                        PATIENCE,
                        python.toString(),
                        "-I",
                        "-S",
                        "-B",
                        "-c",
                        "import sys, py_compile; py_compile.compile(*sys.argv[1:], doraise=True)",
                        stage.toString(),
                        compiled.toString());
        if (!done.ok()) {
            throw new IOException("stage.py cannot be compiled: " + done.lastWords());
        }
        return compiled;
    }

    private Tools make() throws IOException {
        Interpreter python =
                Interpreters.ofHost().all().stream()
                        .findFirst()
                        .orElseThrow(() ->
                                new IOException(
                                        "container images need a python3 on this host, and there is none"));
        Path stage = Programs.write(folder, "stage.py");
        return new Tools(
                python.path(),
                compiled(python.path(), stage),
                StepDown.copyTo(folder.resolve("step")));
    }
}
