package mews.reconcile;

import java.time.Instant;
import java.util.UUID;
import mews.deploy.Aliases;
import mews.deploy.Environments;
import mews.fleet.Fleet;
import mews.fleet.RunnerOrder;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.Refusal;
import mews.model.Revision;
import mews.place.Placement;

/// Starts runners where there is room, and says why when there is none.
final class Starter {
    private final Aliases aliases;
    private final Environments environments;
    private final Fleet fleet;
    private final Hosting hosting;
    private final StartBackoff backoff;
    private final RoomWaits rooms;
    private final Diary diary;

    Starter(
            Aliases aliases,
            Environments environments,
            Fleet fleet,
            Hosting hosting,
            StartBackoff backoff,
            RoomWaits rooms,
            Diary diary) {
        this.aliases = aliases;
        this.environments = environments;
        this.fleet = fleet;
        this.hosting = hosting;
        this.backoff = backoff;
        this.rooms = rooms;
        this.diary = diary;
    }

    /// @param why what the decision was made from, kept as a fact
    void start(Alias alias, Revision revision, int runners, String why, Instant now) {
        Instant until = backoff.until(revision.id());
        if (until.isAfter(now)) {
            diary.heldUp(alias.app(), "backoff", backoff.reason(revision.id()), until);
            return;
        }
        RoomWaits.Full full = rooms.full(revision.id(), now);
        if (full != null) {
            diary.heldUp(alias.app(), "no_room", full.reason(), full.until());
            return;
        }
        if (!environmentReady(alias.app(), revision, now)) {
            return;
        }
        for (int i = 0; i < runners; i++) {
            if (!hasRoom(alias, revision, why, now)) {
                return;
            }
        }
    }

    /// One runner of the revision that is to take over.
    void startNext(Alias alias, UUID next, Instant now) {
        aliases.incoming(alias.app())
                .filter(revision -> revision.id().equals(next))
                .ifPresent(revision -> start(alias, revision, 1, "next revision", now));
    }

    /// An environment may be gone from disk. It is made again meanwhile; that it cannot be is a
    /// failed start.
    private boolean environmentReady(AppName app, Revision revision, Instant now) {
        return switch (environments.state(revision)) {
            case Environments.State.Ready() -> true;
            case Environments.State.Underway(String why) -> {
                diary.heldUp(app, "environment", why, null);
                yield false;
            }
            case Environments.State.Failed(String why) -> {
                backoff.failed(revision.id(), why, now);
                diary.heldUp(app, "environment", why, backoff.until(revision.id()));
                yield false;
            }
        };
    }

    /// A job may take meanwhile what was free.
    private boolean hasRoom(Alias alias, Revision revision, String why, Instant now) {
        long ended = rooms.ended();
        String full;
        try {
            full = startOne(alias, revision, why);
        } catch (Refusal refusal) {
            full = String.valueOf(refusal.getMessage());
        }
        if (full.isEmpty()) {
            return true;
        }
        Instant until = rooms.found(revision.id(), full, ended, now);
        diary.heldUp(alias.app(), "no_room", full, until);
        return false;
    }

    /// @return why there is no room; empty if it was started
    private String startOne(Alias alias, Revision revision, String why) {
        Placement.Answer answer =
                Placement.choose(
                        alias.machineTypes(),
                        alias.regions(),
                        revision.spec().numGpus(),
                        hosting.catalog(),
                        hosting.node());
        return switch (answer) {
            case Placement.Answer.NoRoom(String reason) -> reason;
            case Placement.Answer.Placed(var machine) -> {
                UUID runner =
                        fleet.start(
                                new RunnerOrder(
                                        revision,
                                        alias.generation(),
                                        machine,
                                        alias.scale().maxMultiplexing(),
                                        alias.startupTimeout(),
                                        null));
                diary.free(alias.app());
                diary.started(alias.app(), runner, machine.name(), why);
                yield "";
            }
        };
    }
}
