package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import mews.host.Bubblewrap;
import mews.host.IdRanges;
import mews.host.Interpreters;
import mews.sandbox.SandboxSpec.Root;
import mews.sandbox.SandboxSpec.User;
import org.jspecify.annotations.Nullable;

/// Puts processes on the root file systems of images. What that takes is made at the first one.
/// Thread-safe.
final class ImageRoots {
    /// @param python runs `stage.py` and `ranges.py`
    private record Tools(Path python, Path stage, Path ranges, StepDown stepDown) {}

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
        ImageIds ids =
                bubblewrap.asRoot() ? ImageIds.of(root.user(), spec.owner(), uid) : ImageIds.OWN;
        return new ImageArguments(spec, root, ids, tools().stepDown, etc);
    }

    /// What comes before all that looks at the image's files or at those that its user owns: an
    /// ordinary user's server has no other way to the image's numbers.
    List<String> entering(User user) throws IOException {
        if (bubblewrap.asRoot()) {
            return List.of();
        }
        IdRanges ranges =
                IdRanges.ofUser()
                        .orElseThrow(() ->
                                new IOException(
                                        "the user of this server has no numbers for the users of images; what to do: "
                                                + IdRanges.REMEDY));
        Tools with = tools();
        List<String> line = new ArrayList<>(List.of(with.python.toString(), "-I", "-S", "-B"));
        line.add(with.ranges.toString());
        line.addAll(ranges.maps(user.uid(), user.gid()));
        return line;
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

    private Tools make() throws IOException {
        Path python = Interpreters.any("container images");
        Path stage = Programs.write(folder, "stage.py");
        Path ranges = Files.writeString(folder.resolve("ranges.py"), IdRanges.program());
        return new Tools(
                python,
                Programs.compiled(python, stage),
                Programs.compiled(python, ranges),
                StepDown.copyTo(folder.resolve("step")));
    }
}
