package mews.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import mews.dispatch.Event.Hint;
import mews.model.AppName;
import org.junit.jupiter.api.Test;

/// Random events against the dispatcher's core: slots are never leaked or given out twice, bounds
/// are kept, nobody waits while a slot is free, and each request ends exactly once.
class DispatchHistoriesTest {
    private static final int EVENTS = Boolean.getBoolean("mews.long") ? 10_000_000 : 1_000_000;
    private static final int APPS = 3;
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private static final class Runner {
        final UUID id;
        final int app;
        final UUID revision;
        final int slots;
        final Set<Long> used = new HashSet<>();
        boolean open = true;

        Runner(UUID id, int app, UUID revision, int slots) {
            this.id = id;
            this.app = app;
            this.revision = revision;
            this.slots = slots;
        }
    }

    private final long seed = Long.getLong("mews.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final DispatchCore core = new DispatchCore();
    private final Map<UUID, Runner> runners = new LinkedHashMap<>();
    private final Map<Long, Runner> slots = new HashMap<>();
    private final Set<Long> everGiven = new HashSet<>();
    private final Map<UUID, Instant> waiting = new LinkedHashMap<>();
    private final Map<UUID, Integer> appOfWaiter = new HashMap<>();
    private final int[] queued = new int[APPS];
    private final int[] claims = new int[APPS];
    private final UUID[] serving = new UUID[APPS];
    private final UUID[][] revisions = new UUID[APPS][2];
    private int[] leased = new int[APPS];
    private Instant now = START;
    private long number;
    private int admitted;
    private int asked;
    private int refusedOrGone;

    @Test
    void everyHistoryKeepsTheRules() {
        System.out.println("dispatch histories with seed " + seed + " (-Dmews.seed)");
        for (int app = 0; app < APPS; app++) {
            revisions[app] = new UUID[] {next(), next()};
            serve(app, revisions[app][0]);
        }
        for (int i = 0; i < EVENTS; i++) {
            step();
            check();
        }
        finish();
        assertThat(core.slotsInUse()).isZero();
        assertThat(core.demands()).isEmpty();
        assertThat(admitted + refusedOrGone).isEqualTo(asked);
        assertThat(admitted).isGreaterThan(EVENTS / 50);
    }

    private UUID next() {
        return new UUID(1, ++number);
    }

    private void step() {
        int app = random.nextInt(APPS);
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> admit(app);
            case 3, 4, 5 -> free();
            case 6 -> open(app);
            case 7 -> close();
            case 8 -> queue(app);
            case 9, 10 -> claimed(app);
            case 11 -> abandon();
            case 12 -> {
                now = now.plusMillis(random.nextInt(2000));
                on(new Event.Tick(now));
                assertThat(waiting.values()).allMatch(deadline -> deadline.isAfter(now));
            }
            default -> rare(app);
        }
    }

    private void rare(int app) {
        switch (random.nextInt(6)) {
            case 0 -> serve(app, revisions[app][random.nextInt(2)]);
            case 1 -> {
                if (random.nextInt(20) == 0) {
                    serve(app, null);
                }
            }
            case 2 -> any(runners.values()).ifPresent(runner -> gone(runner));
            case 3 -> on(new Event.Freed(random.nextInt(1000)), true);
            default ->
                    any(runners.values())
                            .ifPresent(runner ->
                                    on(
                                            new Event.Reported(
                                                    runner.id, List.of("h" + random.nextInt(3)))));
        }
    }

    private <T> java.util.Optional<T> any(java.util.Collection<T> all) {
        return all.stream().skip(all.isEmpty() ? 0 : random.nextInt(all.size())).findFirst();
    }

    private static AppName name(int app) {
        return new AppName("ada", "app" + app);
    }

    private String hint() {
        return random.nextBoolean() ? null : "h" + random.nextInt(4);
    }

    private void admit(int app) {
        UUID request = next();
        Instant deadline = now.plusMillis(1 + random.nextInt(20_000));
        waiting.put(request, deadline);
        appOfWaiter.put(request, app);
        asked++;
        on(new Event.Admit(request, name(app), now, deadline, hint()));
    }

    private void free() {
        any(slots.keySet()).ifPresent(slot -> on(new Event.Freed(slot), true));
    }

    private void open(int app) {
        if (runners.size() < 12) {
            UUID revision = revisions[app][random.nextInt(4) == 0 ? 1 : 0];
            Runner runner = new Runner(next(), app, revision, 1 + random.nextInt(3));
            runners.put(runner.id, runner);
            on(new Event.Opened(runner.id, name(app), runner.revision, runner.slots));
            work(app);
        }
    }

    private void close() {
        any(runners.values())
                .ifPresent(runner -> {
                    runner.open = false;
                    on(new Event.Closed(runner.id));
                    if (random.nextBoolean()) {
                        gone(runner);
                    }
                });
    }

    private void gone(Runner runner) {
        runners.remove(runner.id);
        slots.values().removeIf(each -> each == runner);
        on(new Event.Gone(runner.id));
    }

    private void queue(int app) {
        queued[app] += 1 + random.nextInt(3);
        work(app);
    }

    private void work(int app) {
        on(new Event.Work(name(app), queued[app]));
    }

    /// The queue answers the claim that is under way with at most what it has.
    private void claimed(int app) {
        if (claims[app] == 0) {
            return;
        }
        leased[app] = Math.min(claims[app], queued[app]);
        if (random.nextInt(10) == 0) {
            leased[app] = random.nextInt(leased[app] + 1);
        }
        queued[app] -= leased[app];
        claims[app] = 0;
        List<Hint> hints = new ArrayList<>();
        for (int i = 0; i < leased[app]; i++) {
            hints.add(new Hint(hint()));
        }
        on(new Event.Claimed(name(app), hints, queued[app]));
        assertThat(leased[app]).as("each lease is run or given back").isZero();
    }

    private void abandon() {
        any(waiting.keySet())
                .ifPresent(request -> {
                    waiting.remove(request);
                    refusedOrGone++;
                    on(new Event.Abandon(request));
                });
    }

    private void serve(int app, UUID revision) {
        serving[app] = revision;
        on(new Event.Serving(name(app), revision));
        work(app);
    }

    private void on(Event event) {
        on(event, false);
    }

    private void on(Event event, boolean frees) {
        if (frees && event instanceof Event.Freed(long slot)) {
            Runner runner = slots.remove(slot);
            if (runner != null) {
                runner.used.remove(slot);
            }
        }
        for (Action action : core.on(event)) {
            switch (action) {
                case Action.Admitted(UUID request, long slot, UUID runner) -> {
                    assertThat(waiting.remove(request)).isNotNull();
                    admitted++;
                    taken(slot, runner, appOfWaiter.remove(request));
                }
                case Action.Refused(UUID request, var why) -> {
                    assertThat(waiting.remove(request)).isNotNull();
                    refusedOrGone++;
                }
                case Action.Waits(UUID request, int count) ->
                        assertThat(waiting).containsKey(request);
                case Action.Claim(AppName app, int most) -> claim(app, most);
                case Action.Run(AppName app, int index, long slot, UUID runner) -> {
                    leased[number(app)]--;
                    taken(slot, runner, number(app));
                }
                case Action.GiveBack(AppName app, int index) -> {
                    leased[number(app)]--;
                    queued[number(app)]++;
                }
                case Action.Busy(UUID runner, int inFlight) -> assertThat(inFlight).isBetween(0, 3);
                case Action.Demanded demanded -> {}
            }
        }
    }

    private void claim(AppName app, int most) {
        assertThat(claims[number(app)]).as("one claim at a time").isZero();
        assertThat(most).isPositive();
        claims[number(app)] = most;
    }

    private static int number(AppName app) {
        return app.alias().charAt(3) - '0';
    }

    private void taken(long slot, UUID id, int app) {
        Runner runner = runners.get(id);
        assertThat(runner).as("a runner that lives").isNotNull();
        assertThat(runner.open).isTrue();
        assertThat(runner.app).isEqualTo(app);
        assertThat(runner.revision).isEqualTo(serving[app]);
        assertThat(everGiven.add(slot)).as("a slot is given once").isTrue();
        runner.used.add(slot);
        assertThat(runner.used.size()).isLessThanOrEqualTo(runner.slots);
        slots.put(slot, runner);
    }

    private void check() {
        assertThat(core.slotsInUse()).isEqualTo(slots.size());
        for (int app = 0; app < APPS; app++) {
            int number = app;
            int free =
                    runners.values().stream()
                            .filter(runner -> runner.open && runner.app == number)
                            .filter(runner -> runner.revision.equals(serving[number]))
                            .mapToInt(runner -> runner.slots - runner.used.size())
                            .sum();
            boolean someoneWaits =
                    waiting.keySet().stream().anyMatch(id -> appOfWaiter.get(id) == number);
            if (claims[app] == 0) {
                assertThat(free > 0 && (someoneWaits || queued[app] > 0))
                        .as("nobody waits while a slot is free")
                        .isFalse();
            }
        }
    }

    private void finish() {
        List.copyOf(runners.values()).forEach(this::gone);
        for (int app = 0; app < APPS; app++) {
            queued[app] = 0;
            claimed(app);
            serve(app, null);
        }
        assertThat(waiting).isEmpty();
    }
}
