package mews.fleet;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import mews.model.Fact;
import mews.model.LogLine.Level;
import mews.model.Revision;
import mews.model.RevisionSpec;
import org.jspecify.annotations.Nullable;

/// Parents that have run `setup()` too, for revisions that ask for it. What such a parent may not
/// hold is its own to say; then the revision goes the normal way, and its owner is told why, in the
/// app's log and in its history. Thread-safe.
final class Snapshots {
    /// What the parent is given besides, to say why it stops waiting.
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final Ground ground;
    private final Set<UUID> refused = ConcurrentHashMap.newKeySet();

    Snapshots(Ground ground) {
        this.ground = ground;
    }

    /// Whether a parent is to run `setup()` of this revision. What keeps it from that for good is
    /// told once.
    boolean wants(Revision revision) {
        RevisionSpec spec = revision.spec();
        if (!spec.snapshot() || refused.contains(revision.id())) {
            return false;
        }
        String obstacle =
                spec.numGpus() > 0
                        ? "runners with GPUs are started plainly, not forked"
                        : spec.files().isEmpty()
                                ? ""
                                : "it has app_files, which only its runners see";
        if (!obstacle.isEmpty()) {
            refused(revision, obstacle);
        }
        return obstacle.isEmpty();
    }

    /// A parent with the callable of a revision, set up if it asks for that and bears it.
    ///
    /// @throws IOException with the reason if there is none
    Nursery.Parent branch(House from, Revision revision) throws IOException {
        Map<String, @Nullable Object> order =
                new LinkedHashMap<>(StartMessage.callable(revision.spec()));
        if (wants(revision)) {
            Duration patience = revision.spec().timeouts().startup();
            LogIntake logs = logs(revision);
            AtomicReference<Message.@Nullable SetUp> took = new AtomicReference<>();
            Map<String, @Nullable Object> setUp = new LinkedHashMap<>(order);
            setUp.put("set_up", patience.toSeconds());
            try {
                Nursery.Parent made =
                        from.nursery()
                                .branch(
                                        from.parent(),
                                        setUp,
                                        patience.plus(MARGIN),
                                        told -> {
                                            tell(logs, told);
                                            took.set(told);
                                        });
                taken(revision, logs, took.get());
                return made;
            } catch (IOException e) {
                refused(revision, logs.mask(String.valueOf(e.getMessage())));
            }
        }
        return from.nursery().branch(from.parent(), order, Nursery.WARMING, told -> {});
    }

    /// The revision goes the normal way.
    void refused(Revision revision, String reason) {
        if (refused.add(revision.id())) {
            logs(revision)
                    .bridge(
                            Level.WARNING,
                            "snapshot = \"after-setup\" is of no effect: %s; each runner runs setup() itself"
                                    .formatted(reason));
            record(revision, "refused", Map.of("reason", reason));
        }
    }

    private void taken(Revision revision, LogIntake logs, Message.@Nullable SetUp told) {
        String seconds = String.format(Locale.ROOT, "%.1f", told == null ? 0 : told.seconds());
        logs.bridge(
                Level.INFO,
                "snapshot after setup(): it ran once, in the app's warm parent, in %s s; runners forked from it do not run it again"
                        .formatted(seconds));
        record(revision, "taken", Map.of("seconds", seconds));
    }

    private static void tell(LogIntake logs, Message.SetUp told) {
        told.lines().stream().filter(line -> !line.isEmpty()).forEach(logs::takePrinted);
    }

    private LogIntake logs(Revision revision) {
        Map<String, String> secrets =
                ground.secrets()
                        .forRunner(
                                revision.app().owner(),
                                revision.app().environment(),
                                revision.spec().secrets());
        return new LogIntake(ground.logs(), revision, null, secrets.values(), ground.clock());
    }

    private void record(Revision revision, String state, Map<String, String> more) {
        Map<String, String> details = new LinkedHashMap<>(more);
        details.put("state", state);
        details.put("revision", revision.id().toString());
        ground.history()
                .record(
                        new Fact(
                                ground.clock().instant(),
                                Fact.Subject.ALIAS,
                                revision.app().toString(),
                                revision.app(),
                                "snapshot",
                                details));
    }
}
