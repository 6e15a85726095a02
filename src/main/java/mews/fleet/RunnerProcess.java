package mews.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.account.Keys;
import mews.model.Addresses;
import mews.model.Image;
import mews.model.LogLine.Level;
import mews.model.MachineType;
import mews.model.Refusal;
import mews.model.Revision;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;

/// The process of one runner with everything that was made for it: folders, sockets, key, door and
/// log readers. Closing it gives all of it back.
final class RunnerProcess implements AutoCloseable {
    private static final Duration LAST_LINES = Duration.ofSeconds(2);
    private static final Duration LAST_WORD = Duration.ofSeconds(2);
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
            Path interpreter = ground.environments().interpreter(revision.image());
            source.compileFor(interpreter);
            Workplace place = workplace(account);
            Keys.NewKey key = ground.keys().issueToRunner(account);
            closing.later("key", () -> ground.keys().revokeRunnerKey(key.id()));
            Map<String, String> secrets = secrets(revision);
            LogIntake logs = logs(revision, key, secrets);
            String text = message(place, key, secrets).text();
            ControlLink link = ControlLink.listen(place.socket("control.sock"));
            closing.later("control socket", link::close);
            if (ground.sandbox().separateNetwork()) {
                AutoCloseable door = ground.door().open(place.socket("door.sock"), account);
                closing.later("door", door::close);
            }
            Instant launched = ground.clock().instant();
            SandboxProcess process = ground.sandbox().start(spec(place, interpreter));
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
                Workplace place, Keys.NewKey key, Map<String, String> secrets) {
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
                    ground.environments().pythonPath(revision.image()),
                    support(revision.image()),
                    place,
                    runner.order().job() != null,
                    ownNetwork ? RunnerVariables.authorities(addresses) : List.of(),
                    ownNetwork);
        }

        private Path support(Image image) {
            return ground.environments()
                    .support(image.pythonVersion())
                    .orElseThrow(() ->
                            new Refusal(
                                    Refusal.Kind.FAILED_PRECONDITION,
                                    "this server lacks its own packages for Python %s; build an environment of that version again"
                                            .formatted(image.pythonVersion())));
        }

        private SandboxSpec spec(Workplace place, Path interpreter) {
            Image image = runner.order().revision().image();
            MachineType machine = runner.order().machine();
            Stream<SandboxSpec.Bind> readOnly =
                    Stream.concat(
                                    ground.environments().visible(image).stream(),
                                    Stream.of(source.folder()))
                            .map(SandboxSpec.Bind::readOnly);
            return new SandboxSpec(
                    "r-" + runner.id().toString().substring(24),
                    List.of(interpreter.toString(), "-B", source.main().toString()),
                    RunnerVariables.process(place, ground.environments().bin(image)),
                    place.insideHome(),
                    Stream.concat(place.binds().stream(), readOnly).toList(),
                    SandboxSpec.Network.EGRESS,
                    new SandboxSpec.Limits(
                            machine.memoryBytes(), machine.milliCpus(), MOST_PROCESSES),
                    runner.order().revision().app().owner());
        }

        private void follow(SandboxProcess process, LogIntake logs) {
            List<Thread> readers =
                    List.of(
                            logs.follow(process.stdout(), Level.STDOUT),
                            logs.follow(process.stderr(), Level.STDERR));
            closing.later("log readers", () -> LogIntake.awaitEnd(readers, LAST_LINES));
            closing.later("sandbox", process::close);
            sayHello(logs);
        }

        /// Loud only where the owner of the machine should know.
        private void sayHello(LogIntake logs) {
            boolean apart = ground.sandbox().separateFiles() || ground.sandbox().separateNetwork();
            logs.bridge(
                    apart ? Level.DEBUG : Level.WARNING,
                    "runner %s started on %s (%s)"
                            .formatted(
                                    runner.id(),
                                    runner.order().machine().name(),
                                    ground.sandbox().isolation()));
        }

        private void listen(SandboxProcess process, ControlLink link, String start) {
            Thread talk =
                    Thread.ofVirtual()
                            .name("control-" + runner.id())
                            .start(() ->
                                    link.converse(
                                            start, said -> runner.post(new Event.Said(said))));
            process.exit()
                    .whenComplete((exit, failure) -> {
                        Event end =
                                new Event.Exited(
                                        failure == null ? exit : new SandboxProcess.Exit(1, false));
                        Thread.ofVirtual().start(() -> afterLastWord(talk, link, end));
                    });
        }

        /// What it said last, a result or why it failed, may still be on its way when it is gone.
        private void afterLastWord(Thread talk, ControlLink link, Event end) {
            try {
                if (link.connected()) {
                    talk.join(LAST_WORD);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            runner.post(end);
        }
    }
}
