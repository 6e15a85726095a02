package mews.fleet;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.account.Keys;
import mews.model.Addresses;
import mews.model.LogLine.Level;
import mews.model.Revision;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// The steps of a start; each leaves behind how it is undone.
record RunnerStart(Ground ground, Runner runner, Berths berths, boolean plainly, Closing closing) {
    private static final Duration LAST_LINES = Duration.ofSeconds(2);
    private static final Duration LAST_WORD = Duration.ofSeconds(2);

    RunnerProcess start() throws IOException {
        Revision revision = runner.order().revision();
        String account = revision.app().owner();
        Recipe recipe = berths.recipe(runner);
        Keys.NewKey key = ground.keys().issueToRunner(account);
        closing.later("key", () -> ground.keys().revokeRunnerKey(key.id()));
        Map<String, String> secrets = secrets(revision);
        LogIntake logs = logs(revision, key, secrets);
        Berth berth =
                berths.take(
                        runner, recipe, secrets, place -> variables(place, key, secrets), plainly);
        closing.later("place", berth.closing()::close);
        closing.later("process", berth.process()::close);
        Workplace place = berth.place();
        Map<String, String> variables = variables(place, key, secrets);
        StartMessage message = recipe.message(place, variables);
        String text = text(message, berth.knows());
        sayHello(logs, berth.way());
        SandboxProcess beside = beside(berth.process(), recipe.beside(place), logs);
        listen(berth.process(), beside, berth.link(), text);
        // What it prints waits in its pipes; a request may wait for the rest.
        follow(berth.process(), logs);
        boolean image = revision.image().root() != null;
        return new RunnerProcess(
                berth,
                logs,
                () -> Surroundings.of(joined(recipe.process(place, variables)), message, image),
                closing);
    }

    private SandboxSpec joined(SandboxSpec process) {
        Map<String, String> variables = GpuAccess.variables(process, ground.gpus().of(runner.id()));
        return process.with(process.command(), variables, process.binds());
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

    private Map<String, String> variables(
            Workplace place, Keys.NewKey key, Map<String, String> secrets) {
        return RunnerVariables.app(
                ground, runner.id(), runner.order().revision(), key, place.insideData(), secrets);
    }

    private String text(StartMessage message, boolean known) {
        Addresses addresses = ground.addresses().get();
        boolean ownNetwork = ground.sandbox().separateNetwork();
        return message.text(
                known,
                runner.order().job() != null,
                ownNetwork ? RunnerVariables.authorities(addresses) : List.of(),
                ownNetwork);
    }

    private void follow(SandboxProcess process, LogIntake logs) {
        List<Thread> readers =
                List.of(
                        logs.follow(process.stdout(), Level.STDOUT),
                        logs.follow(process.stderr(), Level.STDERR));
        closing.later("log readers", () -> LogIntake.awaitEnd(readers, LAST_LINES));
        closing.later("sandbox", process::close);
    }

    /// Loud only where the owner of the machine should know.
    private void sayHello(LogIntake logs, Way way) {
        boolean apart = ground.sandbox().separateFiles() || ground.sandbox().separateNetwork();
        logs.bridge(
                apart ? Level.DEBUG : Level.WARNING,
                "runner %s started on %s (%s; %s)"
                        .formatted(
                                runner.id(),
                                runner.order().machine().name(),
                                ground.sandbox().isolation(),
                                way.text()));
    }

    /// What it cannot say itself is said for it; without the one who does, nobody would know when
    /// it is ready, nor could reach it.
    private @Nullable SandboxProcess beside(
            SandboxProcess process, @Nullable SandboxSpec spec, LogIntake logs) throws IOException {
        if (spec == null) {
            return null;
        }
        SandboxProcess beside;
        try {
            beside = ground.sandbox().startBeside(process, spec);
        } catch (IOException e) {
            if (process.exit().isDone()) {
                // It ended at once, which says more than that nobody can join it.
                return null;
            }
            throw e;
        }
        follow(beside, logs);
        beside.exit()
                .thenAccept(exit ->
                        runner.post(
                                new Event.Sick(
                                        "the process that leads requests to it ended with code "
                                                + exit.code())));
        return beside;
    }

    private void listen(
            SandboxProcess process,
            @Nullable SandboxProcess beside,
            ControlLink link,
            String start) {
        Thread talk =
                Thread.ofVirtual()
                        .name("control-" + runner.id())
                        .start(() ->
                                link.converse(start, said -> runner.post(new Event.Said(said))));
        process.exit()
                .whenComplete((exit, failure) -> {
                    Event end =
                            new Event.Exited(
                                    failure == null ? exit : new SandboxProcess.Exit(1, false));
                    Thread.ofVirtual()
                            .start(() -> {
                                if (beside == null) {
                                    awaitLastWord(talk, link);
                                }
                                runner.post(end);
                            });
                });
    }

    /// What it said last, a result or why it failed, may still be on its way when it is gone.
    private static void awaitLastWord(Thread talk, ControlLink link) {
        try {
            if (link.connected()) {
                talk.join(LAST_WORD);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
