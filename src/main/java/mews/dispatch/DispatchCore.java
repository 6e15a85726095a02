package mews.dispatch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.dispatch.Runners.Room;
import mews.model.AppName;
import mews.model.ErrorType;
import org.jspecify.annotations.Nullable;

/// Who gets which slot: an event goes in, actions come out. Touches nothing, knows no clock, so
/// that a million events can be tried in memory. Direct calls come first, then queued requests,
/// whose own order is the queue's. Not thread-safe.
final class DispatchCore {
    private record Waiter(UUID request, Instant arrived, Instant deadline, @Nullable String hint) {}

    private record Place(App app, Room room) {}

    private static final class App {
        final AppName name;
        final Runners runners = new Runners();
        final Map<UUID, Waiter> waiting = new LinkedHashMap<>();
        int leasable;

        /// Rooms that keep a slot for the claim that is under way; null if none is.
        @Nullable List<Room> claim;

        App(AppName name) {
            this.name = name;
        }

        boolean idle() {
            return runners.isEmpty()
                    && runners.serving == null
                    && waiting.isEmpty()
                    && claim == null;
        }
    }

    private final Map<AppName, App> apps = new HashMap<>();
    private final Map<UUID, Place> runners = new HashMap<>();
    private final Map<Long, Place> slots = new HashMap<>();
    private final Map<UUID, App> waiters = new HashMap<>();
    private long lastSlot;

    /// @return what to do, in order
    List<Action> on(Event event) {
        List<Action> actions = new ArrayList<>();
        switch (event) {
            case Event.Opened opened -> opened(opened, actions);
            case Event.Closed(UUID runner) -> closed(runner);
            case Event.Gone(UUID runner) -> gone(runner, actions);
            case Event.Serving(AppName app, UUID revision) -> serving(app, revision, actions);
            case Event.Admit admit -> admit(admit, actions);
            case Event.Abandon(UUID request) -> leave(request, actions);
            case Event.Work(AppName app, int leasable) -> work(app, leasable, actions);
            case Event.Claimed claimed -> claimed(claimed, actions);
            case Event.Freed(long slot) -> freed(slot, actions);
            case Event.Reported(UUID runner, List<String> hints) -> reported(runner, hints);
            case Event.Tick(Instant now) -> expire(now, actions);
        }
        return actions;
    }

    Map<AppName, Demand> demands() {
        Map<AppName, Demand> demands = new HashMap<>();
        for (App app : apps.values()) {
            int inFlight = app.runners.inFlight();
            if (inFlight > 0 || !app.waiting.isEmpty()) {
                List<Instant> times = app.waiting.values().stream().map(Waiter::arrived).toList();
                demands.put(app.name, new Demand(inFlight, times));
            }
        }
        return demands;
    }

    boolean anyoneWaits() {
        return !waiters.isEmpty();
    }

    /// Slots in use, over all apps.
    int slotsInUse() {
        return slots.size();
    }

    private App app(AppName name) {
        return apps.computeIfAbsent(name, App::new);
    }

    private void opened(Event.Opened opened, List<Action> actions) {
        if (opened.slots() < 1 || runners.containsKey(opened.runner())) {
            return;
        }
        App app = app(opened.app());
        Room room = new Room(opened.runner(), opened.revision(), opened.slots());
        app.runners.add(room);
        runners.put(room.id, new Place(app, room));
        fill(app, actions);
    }

    private void closed(UUID runner) {
        Place place = runners.get(runner);
        if (place != null) {
            place.room.open = false;
        }
    }

    private void gone(UUID runner, List<Action> actions) {
        Place place = runners.remove(runner);
        if (place == null) {
            return;
        }
        place.room.open = false;
        place.app.runners.remove(place.room);
        if (!place.room.used.isEmpty()) {
            slots.keySet().removeAll(place.room.used);
            place.room.used.clear();
            actions.add(new Action.Demanded(place.app.name, false));
        }
        forgetIfIdle(place.app);
    }

    private void serving(AppName name, @Nullable UUID revision, List<Action> actions) {
        App app = app(name);
        app.runners.serving = revision;
        if (revision == null) {
            for (UUID request : List.copyOf(app.waiting.keySet())) {
                leave(request, actions);
                actions.add(new Action.Refused(request, ErrorType.RUNNER_SCHEDULING_FAILURE));
            }
        }
        fill(app, actions);
        forgetIfIdle(app);
    }

    private void admit(Event.Admit admit, List<Action> actions) {
        App app = app(admit.app());
        app.waiting.put(
                admit.request(),
                new Waiter(admit.request(), admit.arrived(), admit.deadline(), admit.hint()));
        waiters.put(admit.request(), app);
        fill(app, actions);
        if (app.waiting.containsKey(admit.request())) {
            actions.add(new Action.Waits(admit.request(), app.runners.size()));
            actions.add(new Action.Demanded(app.name, true));
        }
    }

    private void leave(UUID request, List<Action> actions) {
        App app = waiters.remove(request);
        if (app != null) {
            app.waiting.remove(request);
            actions.add(new Action.Demanded(app.name, true));
            forgetIfIdle(app);
        }
    }

    private void expire(Instant now, List<Action> actions) {
        List<UUID> late = new ArrayList<>();
        for (App app : new HashSet<>(waiters.values())) {
            for (Waiter waiter : app.waiting.values()) {
                if (!waiter.deadline.isAfter(now)) {
                    late.add(waiter.request);
                }
            }
        }
        for (UUID request : late) {
            leave(request, actions);
            actions.add(new Action.Refused(request, ErrorType.STARTUP_TIMEOUT));
        }
    }

    private void work(AppName name, int leasable, List<Action> actions) {
        if (leasable == 0 && !apps.containsKey(name)) {
            return;
        }
        App app = app(name);
        app.leasable = leasable;
        fill(app, actions);
        forgetIfIdle(app);
    }

    private void claimed(Event.Claimed claimed, List<Action> actions) {
        App app = app(claimed.app());
        List<Room> kept = app.claim == null ? List.of() : app.claim;
        app.claim = null;
        kept.forEach(room -> room.kept--);
        // What is given back can be leased again as soon as a slot is free.
        app.leasable = claimed.leasable();
        for (int i = 0; i < claimed.hints().size(); i++) {
            Room room = app.runners.pick(claimed.hints().get(i).text());
            if (room == null) {
                actions.add(new Action.GiveBack(app.name, i));
                app.leasable++;
            } else {
                actions.add(new Action.Run(app.name, i, take(app, room, actions), room.id));
            }
        }
        fill(app, actions);
        forgetIfIdle(app);
    }

    private void freed(long slot, List<Action> actions) {
        Place place = slots.remove(slot);
        if (place != null) {
            place.room.used.remove(slot);
            actions.add(new Action.Busy(place.room.id, place.room.used.size()));
            actions.add(new Action.Demanded(place.app.name, false));
            fill(place.app, actions);
        }
    }

    private void reported(UUID runner, List<String> hints) {
        Place place = runners.get(runner);
        if (place != null) {
            place.room.hints = hints;
        }
    }

    /// No request waits while a slot is free.
    private void fill(App app, List<Action> actions) {
        while (!app.waiting.isEmpty()) {
            Waiter waiter = app.waiting.values().iterator().next();
            Room room = app.runners.pick(waiter.hint);
            if (room == null) {
                return;
            }
            app.waiting.remove(waiter.request);
            waiters.remove(waiter.request);
            long slot = take(app, room, actions);
            actions.add(new Action.Admitted(waiter.request, slot, room.id));
        }
        if (app.claim == null && app.leasable > 0) {
            claim(app, actions);
        }
    }

    /// One claim at a time: what becomes free meanwhile is claimed at once by the next.
    private void claim(App app, List<Action> actions) {
        int most = Math.min(app.leasable, app.runners.free());
        if (most > 0) {
            List<Room> kept = new ArrayList<>(most);
            for (int i = 0; i < most; i++) {
                Room room = app.runners.pick(null);
                if (room != null) {
                    room.kept++;
                    kept.add(room);
                }
            }
            app.claim = kept;
            actions.add(new Action.Claim(app.name, kept.size()));
        }
    }

    private long take(App app, Room room, List<Action> actions) {
        long slot = ++lastSlot;
        room.used.add(slot);
        slots.put(slot, new Place(app, room));
        actions.add(new Action.Busy(room.id, room.used.size()));
        actions.add(new Action.Demanded(app.name, false));
        return slot;
    }

    private void forgetIfIdle(App app) {
        if (app.idle()) {
            apps.remove(app.name);
        }
    }
}
