package mews.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import mews.history.History;
import mews.logs.Logs;
import mews.model.LogLine;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes down each change of one runner, once, everywhere it belongs: the registry, the table, the
/// history, its owner's log, and the listeners.
final class Chronicle {
    private static final Logger LOG = LoggerFactory.getLogger(Chronicle.class);

    private final Runner runner;
    private final RunnerRows rows;
    private final News news;
    private final Logs logs;
    private final Phases phases;
    private Way way = Way.PLAIN;

    Chronicle(Runner runner, RunnerRows rows, News news, Logs logs, History history) {
        this.runner = runner;
        this.rows = rows;
        this.news = news;
        this.logs = logs;
        this.phases = new Phases(history, runner.id(), runner.order().revision().app());
    }

    Phases phases() {
        return phases;
    }

    void started(Way way) {
        this.way = way;
        runner.started(way);
    }

    void ordered() {
        RunnerView view = runner.view();
        rows.record(view, null);
        phases.begin("prepare", runner.createdAt());
        news.tell(listener -> listener.changed(view));
    }

    void entered(RunnerState state) {
        RunnerState before = runner.state();
        if (state instanceof RunnerState.Ready ready) {
            // Whoever finds it ready finds the story of its start too.
            phases.tell(ready.since());
            phases.fact(
                    ready.since(),
                    "ready",
                    Map.of("ms", age(ready.since()), "started", way.text()));
        }
        RunnerView view = runner.enter(state);
        rows.record(view, null);
        LOG.info(
                "runner changed runner_id={} app={} state={} started={}",
                runner.id(),
                view.app(),
                state.getClass().getSimpleName(),
                way.text());
        news.tell(listener -> listener.changed(view));
        if (state instanceof RunnerState.Ready) {
            tellServed(view);
        } else if (before instanceof RunnerState.Ready) {
            news.tell(listener -> listener.draining(view));
        }
    }

    void stopped(StopReason reason, @Nullable Integer exitCode, Instant now) {
        RunnerView view = runner.enter(new RunnerState.Stopped(reason, now));
        phases.tell(now);
        phases.fact(
                now,
                "stopped",
                Map.of(
                        "code",
                        reason.code().name(),
                        "detail",
                        reason.detail(),
                        "exit_code",
                        exitCode == null ? "" : exitCode.toString()));
        LOG.info(
                "runner stopped runner_id={} app={} code={} detail={}",
                runner.id(),
                view.app(),
                reason.code(),
                reason.detail());
        logs.append(lastLine(view, reason, now));
        rows.record(view, exitCode);
        news.tell(listener -> listener.changed(view));
        news.tell(listener -> listener.stopped(view));
    }

    private void tellServed(RunnerView view) {
        if (runner.served()) {
            news.tell(listener -> listener.ready(view));
        }
    }

    private static LogLine lastLine(RunnerView runner, StopReason reason, Instant now) {
        String why = reason.detail().isEmpty() ? "" : ": " + reason.detail();
        return new LogLine(
                now,
                reason.startFailure() ? LogLine.Level.ERROR : LogLine.Level.DEBUG,
                LogLine.Source.BRIDGE,
                runner.app().owner(),
                runner.app(),
                runner.revision(),
                runner.id(),
                null,
                "runner %s stopped (%s)%s"
                        .formatted(runner.id(), reason.code().name().toLowerCase(), why));
    }

    private String age(Instant now) {
        return Long.toString(Duration.between(runner.createdAt(), now).toMillis());
    }
}
