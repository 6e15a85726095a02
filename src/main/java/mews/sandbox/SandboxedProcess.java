package mews.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Json;
import mews.host.Cgroups;
import mews.sandbox.SandboxSpec.Limits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A started process with its group, its files and its way to the network.
final class SandboxedProcess implements SandboxProcess {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxedProcess.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int ROUNDS = 200;

    private final Process process;
    private final ControlGroup group;
    private final Path room;
    private final Way way;
    private final @Nullable String mark;
    private final Watch watch;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /// @param room its scratch folder, deleted at the end
    /// @param mark what its processes carry in their environment; null = they are in a process
    ///   namespace whose first process is a child of `process`
    SandboxedProcess(
            Process process,
            Limits limits,
            Cgroups cgroups,
            ControlGroup group,
            Path room,
            Way way,
            @Nullable String mark) {
        this.process = process;
        this.group = group;
        this.room = room;
        this.way = way;
        this.mark = mark;
        this.watch = new Watch(limits, cgroups, this::everything);
        Thread.ofVirtual().name("mews-exit-" + process.pid()).start(this::awaitExit);
        watch.start(process, this::kill);
    }

    @Override
    public long pid() {
        return process.pid();
    }

    /// What to put before a command so that it starts in this process's network.
    ///
    /// @throws IOException if the process is gone
    List<String> enterNetwork() throws IOException {
        if (way.passage() != null) {
            return way.passage().enter();
        }
        for (int round = 0; round < ROUNDS && process.isAlive(); round++) {
            OptionalLong init = init();
            if (init.isPresent()) {
                return enterNetwork("/proc/%d/ns/".formatted(init.getAsLong()));
            }
            pause();
        }
        throw new IOException("the process whose network is wanted is gone");
    }

    /// For commands that join it.
    ///
    /// @throws IOException if the process is gone
    Visits.Place place() throws IOException {
        if (mark != null) {
            return new Visits.Place(0, group.doors(), Map.of(PlainSandbox.MARK, mark));
        }
        OptionalLong payload = payload();
        if (payload.isEmpty()) {
            throw new IOException("it is gone");
        }
        return new Visits.Place(payload.getAsLong(), group.doors(), Map.of());
    }

    /// The same process with this one's proxy in reach, if it has one.
    SandboxSpec withItsProxy(SandboxSpec spec, EgressDesk desk) {
        return way.proxy() == null ? spec : desk.through(spec, room);
    }

    /// Where an ordinary user made it, it can be entered with the rights of its user namespace
    /// alone.
    private static List<String> enterNetwork(String namespaces) {
        List<String> line = new ArrayList<>(List.of("nsenter", "--net=" + namespaces + "net"));
        if (!"root".equals(System.getProperty("user.name"))) {
            line.addAll(List.of("--user=" + namespaces + "user", "--preserve-credentials"));
        }
        line.add("--");
        return line;
    }

    @Override
    public OutputStream stdin() {
        return process.getOutputStream();
    }

    @Override
    public InputStream stdout() {
        return process.getInputStream();
    }

    @Override
    public InputStream stderr() {
        return process.getErrorStream();
    }

    @Override
    public long memoryBytes() {
        OptionalLong init = init();
        return init.isEmpty() ? 0 : ProcessTree.memoryOfNamespace(init.getAsLong());
    }

    @Override
    public CompletableFuture<Exit> exit() {
        return exit;
    }

    /// Asked before the process itself is there, it has nothing to clean up yet and is killed.
    @Override
    public void terminate() {
        if (!process.isAlive()) {
            return;
        }
        if (mark != null) {
            process.toHandle().destroy();
            return;
        }
        OptionalLong payload = payload();
        if (payload.isEmpty()) {
            kill();
        } else {
            ProcessHandle.of(payload.getAsLong()).ifPresent(ProcessHandle::destroy);
        }
    }

    @Override
    public void kill() {
        // To find everything takes a look at all processes of the host, which is dear when many
        // end.
        if (mark == null && !process.isAlive() && group.isEmpty()) {
            return;
        }
        // By handle: Process itself would close the pipes, and with them what was said last.
        everything().forEach(ProcessHandle::destroyForcibly);
        group.kill();
        if (mark != null || !group.isEmpty()) {
            // What was forked while we looked.
            everything().forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        // Whoever is in a hurry leaves nothing behind either.
        boolean interrupted = Thread.interrupted();
        kill();
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("process does not end although killed pid={}", pid());
            }
            for (int round = 0; round < ROUNDS && !group.remove(); round++) {
                group.kill();
                Thread.sleep(5);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        deleteRoom();
        way.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Twice if need be: a file that appears while others are deleted keeps the folder.
    private void deleteRoom() {
        try {
            try {
                Folders.delete(room);
            } catch (IOException e) {
                LOG.debug("files of a process are deleted once more room={}", room, e);
                Folders.delete(room);
            }
            process.getOutputStream().close();
        } catch (IOException e) {
            LOG.warn("files of a process are left room={}", room, e);
        }
    }

    private void awaitExit() {
        int code;
        try {
            code = process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            code = 137;
        }
        tellProblem();
        boolean outOfMemory = code != 0 && (group.memoryKills() > 0 || watch.tookTooMuchMemory());
        exit.complete(new Exit(code, outOfMemory));
    }

    /// What a helper of ours could not do.
    private void tellProblem() {
        Path problem = room.resolve("problem");
        try {
            if (Files.exists(problem)) {
                LOG.warn("process was not forked reason={}", Files.readString(problem).strip());
            }
        } catch (IOException e) {
            LOG.debug("no reason was left room={}", room, e);
        }
    }

    private Stream<ProcessHandle> everything() {
        Stream<ProcessHandle> below =
                Stream.concat(Stream.of(process.toHandle()), process.descendants());
        Stream<ProcessHandle> strays =
                mark == null
                        ? Stream.empty()
                        : ProcessTree.marked(PlainSandbox.MARK, mark).stream();
        return Stream.of(below, strays, forks())
                .flatMap(each -> each)
                .distinct()
                .filter(ProcessHandle::isAlive);
    }

    /// A fork is no child of who stands for it.
    private Stream<ProcessHandle> forks() {
        OptionalLong init = process.isAlive() ? init() : OptionalLong.empty();
        return init.stream()
                .mapToObj(ProcessHandle::of)
                .flatMap(Optional::stream)
                .flatMap(first -> Stream.concat(Stream.of(first), first.descendants()));
    }

    private OptionalLong payload() {
        for (int round = 0; round < ROUNDS && process.isAlive(); round++) {
            OptionalLong init = init();
            OptionalLong payload =
                    init.isPresent()
                            ? ProcessTree.payload(init.getAsLong(), group.members())
                            : OptionalLong.empty();
            if (payload.isPresent()) {
                return payload;
            }
            pause();
        }
        return OptionalLong.empty();
    }

    private OptionalLong init() {
        try {
            JsonNode status = Json.MAPPER.readTree(Files.readString(room.resolve("status")));
            JsonNode child = status.path("child-pid");
            return child.isNumber() ? OptionalLong.of(child.asLong()) : OptionalLong.empty();
        } catch (IOException | JacksonException e) {
            return OptionalLong.empty();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
