package mews.control;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import mews.deploy.Routes;
import mews.fleet.Fleet;
import mews.fleet.FleetListener;
import mews.fleet.RunnerOrder;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.Caller;
import mews.model.MachineCatalog;
import mews.model.Refusal;
import mews.model.Route;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.wire.proto.KillRunnerRequest;
import mews.wire.proto.KillRunnerResponse;
import mews.wire.proto.ListAliasRunnersRequest;
import mews.wire.proto.ListAliasRunnersResponse;
import mews.wire.proto.ListRunnersRequest;
import mews.wire.proto.ListRunnersResponse;
import mews.wire.proto.RunnerInfo;
import mews.wire.proto.StopRunnerRequest;
import mews.wire.proto.StopRunnerResponse;
import org.jspecify.annotations.Nullable;

/// Runners of an account. protocol: control 2.7, 7.2, 7.3
final class RunnerCalls {
    private final Fleet fleet;
    private final Routes routes;
    private final Names names;
    private final MachineCatalog machines;
    private final InstantSource clock;
    private final WaitingStarts waiting;
    private final java.util.Map<UUID, UUID> replacements =
            new java.util.concurrent.ConcurrentHashMap<>();

    RunnerCalls(
            Fleet fleet,
            Routes routes,
            Names names,
            MachineCatalog machines,
            WaitingStarts waiting,
            InstantSource clock) {
        this.fleet = fleet;
        this.routes = routes;
        this.names = names;
        this.machines = machines;
        this.waiting = waiting;
        this.clock = clock;
        fleet.listen(
                new FleetListener() {
                    @Override
                    public void ready(RunnerView runner) {
                        replaced(runner.id(), true);
                    }

                    @Override
                    public void stopped(RunnerView runner) {
                        replaced(runner.id(), false);
                    }
                });
    }

    ListRunnersResponse list(Caller caller, ListRunnersRequest request) {
        Instant since = request.hasStartTime() ? Words.instant(request.getStartTime()) : null;
        ListRunnersResponse.Builder response =
                ListRunnersResponse.newBuilder().addAllRunners(infos(caller, null, since));
        if (request.getListPending()) {
            routes.all().stream()
                    .map(Route::app)
                    .filter(app -> app.owner().equals(caller.account()))
                    .sorted(Comparator.comparing(AppName::alias))
                    .forEach(app -> response.addAllRunners(waiting.of(app)));
        }
        return response.build();
    }

    ListAliasRunnersResponse ofAlias(Caller caller, ListAliasRunnersRequest request) {
        AppName app = names.app(caller, request.getAlias(), request.getEnvironmentName());
        if (routes.find(app) == null) {
            throw new Refusal(Refusal.Kind.NOT_FOUND, "app '%s' not found".formatted(app.alias()));
        }
        Instant since = request.hasStartTime() ? Words.instant(request.getStartTime()) : null;
        ListAliasRunnersResponse.Builder response =
                ListAliasRunnersResponse.newBuilder().addAllRunners(infos(caller, app, since));
        if (request.getListPending()) {
            response.addAllRunners(waiting.of(app));
        }
        return response.build();
    }

    StopRunnerResponse stop(Caller caller, StopRunnerRequest request) {
        RunnerView runner = known(caller, request.getRunnerId());
        Route route = routes.find(runner.app());
        if (request.getReplaceFirst()
                && route != null
                && runner.state() instanceof RunnerState.Ready) {
            replacements.put(fleet.start(replacement(runner, route)), runner.id());
        } else {
            fleet.drain(runner.id(), StopReason.of(StopReason.Code.STOPPED));
        }
        return StopRunnerResponse.getDefaultInstance();
    }

    KillRunnerResponse kill(Caller caller, KillRunnerRequest request) {
        RunnerView runner = known(caller, request.getRunnerId());
        fleet.kill(runner.id(), StopReason.of(StopReason.Code.KILLED));
        return KillRunnerResponse.getDefaultInstance();
    }

    /// Live runner of the caller's account.
    RunnerView known(Caller caller, String id) {
        return fleet.find(Words.id("runner", id))
                .filter(view -> view.app().owner().equals(caller.account()))
                .filter(view -> !(view.state() instanceof RunnerState.Stopped))
                .orElseThrow(() ->
                        new Refusal(Refusal.Kind.NOT_FOUND, "runner '%s' not found".formatted(id)));
    }

    /// The old runner goes once the new one is ready, and stays if that never happens.
    private void replaced(UUID replacement, boolean ready) {
        UUID old = replacements.remove(replacement);
        if (old != null && ready) {
            fleet.drain(old, StopReason.of(StopReason.Code.STOPPED));
        }
    }

    private RunnerOrder replacement(RunnerView runner, Route route) {
        Alias alias = route.alias();
        return new RunnerOrder(
                route.revision(),
                alias.generation(),
                machines.find(runner.machineType())
                        .or(() -> machines.find(alias.machineTypes().getFirst()))
                        .orElseThrow(),
                alias.scale().maxMultiplexing(),
                alias.startupTimeout(),
                null);
    }

    private List<RunnerInfo> infos(Caller caller, @Nullable AppName app, @Nullable Instant since) {
        List<RunnerView> views = new ArrayList<>(fleet.live());
        if (since != null) {
            views.addAll(fleet.ended(caller.account(), since));
        }
        Instant now = clock.instant();
        return views.stream()
                .filter(view -> view.app().owner().equals(caller.account()))
                .filter(view -> app == null || view.app().equals(app))
                .map(view -> Listings.runner(view, alias(view.app()), now))
                .toList();
    }

    private @Nullable Alias alias(AppName app) {
        Route route = routes.find(app);
        return route == null ? null : route.alias();
    }
}
