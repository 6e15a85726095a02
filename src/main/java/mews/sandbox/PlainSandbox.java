package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import mews.base.Folders;
import mews.host.Cgroups;
import mews.host.Command;
import mews.sandbox.SandboxSpec.Bind;

/// Ordinary processes that see what this server sees; limits where control groups serve.
/// Thread-safe.
final class PlainSandbox implements Sandbox {
    /// Tells the processes of one server, also those that left their parent.
    static final String MARK = "MEWS_SANDBOX";

    private static final String LAUNCH =
            """
            while read -r door; do echo 0 > "$door"; done < "$0/groups"
            exec "$@"
            """;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Cgroups cgroups;
    private final Path scratch;
    private final String server;
    private final boolean tiesToParent =
            Command.run(PATIENCE, "setpriv", "--pdeathsig", "KILL", "true").ok();
    private final Starter starter = new Starter();
    private final AtomicLong count = new AtomicLong();
    private final Visits visits;

    PlainSandbox(Cgroups cgroups, Path scratch, String server) {
        this.cgroups = cgroups;
        this.scratch = scratch;
        this.server = server;
        this.visits = new Visits(starter, scratch.resolve(Sandboxes.FORK_FILES), new byte[0]);
    }

    @Override
    public Visit enter(SandboxProcess running, Visit.Wish wish) throws IOException {
        return visits.open(((SandboxedProcess) running).place(), wish);
    }

    @Override
    public SandboxProcess start(SandboxSpec spec) throws IOException {
        for (Bind bind : spec.binds()) {
            if (!bind.host().toString().equals(bind.inside())) {
                throw new IOException(
                        "%s cannot be shown as %s: this host gives processes no files of their own"
                                .formatted(bind.host(), bind.inside()));
            }
        }
        String name = spec.name() + "-" + count.incrementAndGet();
        Path room = scratch.resolve(name);
        ControlGroup group = ControlGroup.make(cgroups, name, spec.limits());
        try {
            Files.createDirectories(room);
            Files.write(room.resolve("groups"), group.doors());
            List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", LAUNCH, room.toString()));
            if (tiesToParent) {
                line.addAll(List.of("setpriv", "--pdeathsig", "KILL", "--"));
            }
            line.addAll(spec.command());
            Map<String, String> environment = new HashMap<>(spec.environment());
            environment.put(MARK, server + "/" + name + "/");
            Process process = starter.start(line, environment, Path.of(spec.workdir()));
            return new SandboxedProcess(
                    process,
                    spec.limits(),
                    cgroups,
                    group,
                    room,
                    Way.NONE,
                    server + "/" + name + "/");
        } catch (IOException | RuntimeException e) {
            group.remove();
            Folders.delete(room);
            throw e;
        }
    }

    @Override
    public String isolation() {
        return "no isolation";
    }

    @Override
    public boolean separateFiles() {
        return false;
    }

    @Override
    public boolean separateNetwork() {
        return false;
    }
}
