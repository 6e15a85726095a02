package mews.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import mews.account.Keys;
import mews.model.Addresses;
import mews.model.Image;
import mews.model.LogLine.Level;
import mews.model.MachineType;
import mews.model.Revision;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;

/// The process of one runner with everything that was made for it: folders, sockets, key, door and
/// log readers. Closing it gives all of it back.
final class RunnerProcess implements AutoCloseable {
    private static final Duration LAST_LINES = Duration.ofSeconds(2);
    private static final int MOST_PROCESSES = 4096;

    private final Workplace place;
    private final LogIntake logs;
    private final SandboxProcess process;
    private final Instant launched;
    private final Closing closing;

    private RunnerProcess(
            Workplace place,
            LogIntake logs,
            SandboxProcess process,
            Instant launched,
            Closing closing) {
        this.place = place;
        this.logs = logs;
        this.process = process;
        this.launched = launched;
        this.closing = closing;
    }

    /// Starts the process of a runner; what it says and its end go to `runner` as events.
    ///
    /// @throws IOException if something that it needs cannot be made, saying what
    /// @throws mews.model.Refusal if a secret, an interpreter or the like is missing
    static RunnerProcess start(Ground ground, Runner runner, RunnerSource source)
            throws IOException {
        Closing closing = new Closing(runner.id());
        try {
            return new Starting(ground, runner, source, closing).start();
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    Workplace place() {
        return place;
    }

    LogIntake logs() {
        return logs;
    }

    /// When the sandbox was asked to start it.
    Instant launched() {
        return launched;
    }

    void terminate() {
        process.terminate();
    }

    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        closing.close();
    }

    /// The steps of a start; each leaves behind how it is undone.
    private record Starting(Ground ground, Runner runner, RunnerSource source, Closing closing) {
        RunnerProcess start() throws IOException {
            Revision revision = runner.order().revision();
            String account = revision.app().owner();
            Path interpreter =
                    ground.pythons().interpreter(revision.image().pythonVersion()).toRealPath();
            Path support = ground.pythons().support(revision.image().pythonVersion());
            source.compileFor(interpreter);
            Workplace place = workplace(account);
            Keys.NewKey key = ground.keys().issueToRunner(account);
            closing.later("key", () -> ground.keys().revokeRunnerKey(key.id()));
            Map<String, String> secrets = secrets(revision);
            LogIntake logs = logs(revision, key, secrets);
            StartMessage message = message(place, support, key, secrets);
            String text = message.text();
            ControlLink link = ControlLink.listen(place.socket("control.sock"));
            closing.later("control socket", link::close);
            if (ground.sandbox().separateNetwork()) {
                AutoCloseable door = ground.door().open(place.socket("door.sock"), account);
                closing.later("door", door::close);
                Folders.openToAll(place.socket("door.sock"), false);
            }
            Instant launched = ground.clock().instant();
            SandboxProcess process = ground.sandbox().start(spec(place, interpreter, support));
            follow(process, logs);
            listen(process, link, text);
            return new RunnerProcess(place, logs, process, launched, closing);
        }

        private Workplace workplace(String account) throws IOException {
            Workplace place =
                    Workplace.of(
                            ground.home(), runner.id(), account, ground.sandbox().separateFiles());
            closing.later("folders", place::remove);
            place.make(runner.order().revision().spec().files(), ground.blobs());
            return place;
        }

        private Map<String, String> secrets(Revision revision) {
            return ground.secrets()
                    .forRunner(
                            revision.app().owner(),
                            revision.app().environment(),
                            revision.spec().secrets());
        }

        private LogIntake logs(Revision revision, Keys.NewKey key, Map<String, String> secrets) {
            List<String> hidden = new ArrayList<>(secrets.values());
            hidden.add(key.secret());
            return new LogIntake(ground.logs(), revision, runner.id(), hidden, ground.clock());
        }

        private StartMessage message(
                Workplace place, Path support, Keys.NewKey key, Map<String, String> secrets) {
            Revision revision = runner.order().revision();
            Addresses addresses = ground.addresses().get();
            boolean ownNetwork = ground.sandbox().separateNetwork();
            return new StartMessage(
                    revision.spec(),
                    RunnerVariables.app(
                            runner.id(),
                            revision,
                            key,
                            addresses,
                            ground.region(),
                            place.insideData(),
                            secrets),
                    layers("site"),
                    support,
                    place,
                    runner.order().job() != null,
                    ownNetwork ? RunnerVariables.authorities(addresses) : List.of(),
                    ownNetwork);
        }

        private SandboxSpec spec(Workplace place, Path interpreter, Path support) {
            MachineType machine = runner.order().machine();
            return new SandboxSpec(
                    "r-" + runner.id().toString().substring(24),
                    // No site: the packages of the host's Python are not the app's.
                    List.of(interpreter.toString(), "-B", "-S", source.main().toString()),
                    RunnerVariables.process(place, interpreter, layers("bin")),
                    place.insideHome(),
                    binds(place, interpreter, support),
                    SandboxSpec.Network.EGRESS,
                    new SandboxSpec.Limits(
                            machine.memoryBytes(), machine.milliCpus(), MOST_PROCESSES));
        }

        private List<SandboxSpec.Bind> binds(Workplace place, Path interpreter, Path support) {
            Set<Path> readOnly = new LinkedHashSet<>();
            installation(interpreter).ifPresent(readOnly::add);
            Image image = runner.order().revision().image();
            image.layers().forEach(key -> readOnly.add(ground.home().layers().resolve(key)));
            readOnly.add(support);
            readOnly.add(source.folder());
            return Stream.concat(
                            place.binds().stream(),
                            readOnly.stream().map(SandboxSpec.Bind::readOnly))
                    .toList();
        }

        private List<Path> layers(String part) {
            return runner.order().revision().image().layers().stream()
                    .map(key -> ground.home().layers().resolve(key).resolve(part))
                    .toList();
        }

        /// The folder that holds an interpreter and its library, unless it is the system's, which
        /// every sandbox has.
        private static Optional<Path> installation(Path interpreter) {
            Path binaries = interpreter.getParent();
            Path prefix = binaries == null ? null : binaries.getParent();
            return Optional.ofNullable(prefix)
                    .filter(path -> path.getNameCount() > 0 && !path.startsWith("/usr"));
        }

        private void follow(SandboxProcess process, LogIntake logs) {
            List<Thread> readers =
                    List.of(
                            logs.follow(process.stdout(), Level.STDOUT),
                            logs.follow(process.stderr(), Level.STDERR));
            closing.later("log readers", () -> LogIntake.awaitEnd(readers, LAST_LINES));
            closing.later("sandbox", process::close);
            logs.bridge(
                    Level.INFO,
                    "runner %s started on %s (%s)"
                            .formatted(
                                    runner.id(),
                                    runner.order().machine().name(),
                                    ground.sandbox().isolation()));
        }

        private void listen(SandboxProcess process, ControlLink link, String start) {
            Thread.ofVirtual()
                    .name("control-" + runner.id())
                    .start(() -> link.converse(start, said -> runner.post(new Event.Said(said))));
            process.exit()
                    .whenComplete((exit, failure) -> {
                        runner.post(
                                new Event.Exited(
                                        failure == null
                                                ? exit
                                                : new SandboxProcess.Exit(1, false)));
                    });
        }
    }
}
