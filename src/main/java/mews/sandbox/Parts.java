package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import mews.host.Interpreters;
import mews.sandbox.SandboxSpec.Bind;
import org.jspecify.annotations.Nullable;

/// Shows processes parts of folders in which others may write meanwhile, by way of `parts.py`.
/// Thread-safe.
final class Parts {
    private final Path folder;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable List<String> program;

    /// @param folder for this class alone, swept at the server's start
    Parts(Path folder) {
        this.folder = folder;
    }

    static boolean in(SandboxSpec spec) {
        return spec.binds().stream().anyMatch(Parts::is);
    }

    /// The same process, which is shown what `parts.py` will have mounted in its room.
    static SandboxSpec shown(SandboxSpec spec, Path room) {
        List<Bind> binds = new ArrayList<>();
        for (Bind bind : spec.binds()) {
            Path mounted = place(room, binds.size());
            binds.add(is(bind) ? new Bind(mounted, bind.inside(), bind.writable()) : bind);
        }
        return spec.with(spec.command(), spec.environment(), binds);
    }

    /// What to start before the rest of the line.
    ///
    /// @param owner uid that missing folders are given to; null = they stay with this server's
    List<String> mounting(SandboxSpec spec, @Nullable Integer owner, Path room) throws IOException {
        List<String> fields = new ArrayList<>();
        fields.add(owner == null ? "" : owner.toString());
        for (int number = 0; number < spec.binds().size(); number++) {
            Bind bind = spec.binds().get(number);
            if (is(bind)) {
                Path target = Files.createDirectories(place(room, number));
                fields.addAll(
                        List.of(
                                bind.host().toString(),
                                bind.part(),
                                bind.inside(),
                                target.toString()));
            }
        }
        Path plan = room.resolve("parts.plan");
        Files.writeString(plan, String.join("\0", fields) + "\0");
        List<String> line = new ArrayList<>(program());
        line.add(plan.toString());
        return line;
    }

    private static boolean is(Bind bind) {
        return !bind.part().isEmpty();
    }

    private static Path place(Path room, int number) {
        return room.resolve("parts").resolve(Integer.toString(number));
    }

    private List<String> program() throws IOException {
        lock.lock();
        try {
            List<String> made = program;
            if (made == null) {
                Path python = Interpreters.any("parts of /data");
                Path compiled = Programs.compiled(python, Programs.write(folder, "parts.py"));
                made = List.of(python.toString(), "-I", "-S", "-B", compiled.toString());
                program = made;
            }
            return made;
        } finally {
            lock.unlock();
        }
    }
}
