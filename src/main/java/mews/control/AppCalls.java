package mews.control;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import mews.deploy.Aliases;
import mews.deploy.Deployment;
import mews.fleet.Fleet;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.Caller;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.DeleteAliasRequest;
import mews.wire.proto.DeleteAliasResult;
import mews.wire.proto.DeleteApplicationRequest;
import mews.wire.proto.DeleteApplicationResult;
import mews.wire.proto.ListAliasesRequest;
import mews.wire.proto.ListAliasesResult;
import mews.wire.proto.ListApplicationsRequest;
import mews.wire.proto.ListApplicationsResult;
import mews.wire.proto.RolloutApplicationRequest;
import mews.wire.proto.RolloutApplicationResult;
import mews.wire.proto.SetAliasRequest;
import mews.wire.proto.SetAliasResult;
import mews.wire.proto.UpdateApplicationRequest;
import mews.wire.proto.UpdateApplicationResult;

/// Aliases and revisions. protocol: control 2.7, 7
final class AppCalls {
    private final Deployment deployment;
    private final Aliases aliases;
    private final Fleet fleet;
    private final Names names;
    private final Machines machines;

    AppCalls(Deployment deployment, Fleet fleet, Names names, Machines machines) {
        this.deployment = deployment;
        this.aliases = deployment.aliases();
        this.fleet = fleet;
        this.names = names;
        this.machines = machines;
    }

    ListAliasesResult list(Caller caller, ListAliasesRequest request) {
        String environment = names.environment(caller, request.getEnvironmentName());
        List<RunnerView> live = fleet.live();
        return ListAliasesResult.newBuilder()
                .addAllAliases(
                        aliases.list(caller.account(), environment).stream()
                                .map(alias -> Listings.alias(alias, live))
                                .toList())
                .build();
    }

    ListApplicationsResult revisions(Caller caller, ListApplicationsRequest request) {
        AppName app =
                request.hasApplicationName()
                        ? names.app(
                                caller, request.getApplicationName(), request.getEnvironmentName())
                        : null;
        String environment = names.environment(caller, request.getEnvironmentName());
        List<RunnerView> live = fleet.live();
        return ListApplicationsResult.newBuilder()
                .addAllApplications(
                        aliases.revisions(caller.account(), app).stream()
                                .filter(revision ->
                                        app != null
                                                || revision.app().environment().equals(environment))
                                .map(revision -> Listings.revision(revision, live))
                                .toList())
                .build();
    }

    UpdateApplicationResult update(Caller caller, UpdateApplicationRequest request) {
        AppName app = names.app(caller, request.getApplicationName(), request.getEnvironmentName());
        return UpdateApplicationResult.newBuilder()
                .setAliasInfo(info(aliases.tune(app, tuning(request))))
                .build();
    }

    SetAliasResult point(Caller caller, SetAliasRequest request) {
        AppName app = names.app(caller, request.getAlias(), request.getEnvironmentName());
        Alias alias =
                aliases.point(
                        app,
                        Words.id("revision", request.getRevision()),
                        request.hasAuthMode() ? Words.auth(request.getAuthMode()) : null,
                        request.hasDeploymentStrategy()
                                ? Words.strategy(request.getDeploymentStrategy())
                                : null);
        return SetAliasResult.newBuilder().setAliasInfo(info(alias)).build();
    }

    DeleteAliasResult delete(Caller caller, DeleteAliasRequest request) {
        AppName app = names.app(caller, request.getAlias(), request.getEnvironmentName());
        UUID revision = deployment.deployer().remove(app);
        return DeleteAliasResult.newBuilder().setRevision(revision.toString()).build();
    }

    DeleteApplicationResult deleteRevision(Caller caller, DeleteApplicationRequest request) {
        aliases.deleteRevision(caller.account(), Words.id("revision", request.getApplicationId()));
        return DeleteApplicationResult.getDefaultInstance();
    }

    RolloutApplicationResult rollout(Caller caller, RolloutApplicationRequest request) {
        AppName app = names.app(caller, request.getApplicationName(), request.getEnvironmentName());
        Alias alias = aliases.rollout(app);
        if (request.getForce()) {
            StopReason reason = new StopReason(StopReason.Code.REPLACED, "forced rollout");
            fleet.live().stream()
                    .filter(view -> view.app().equals(app))
                    .filter(view -> view.generation() < alias.generation())
                    .forEach(view -> fleet.kill(view.id(), reason));
        }
        return RolloutApplicationResult.getDefaultInstance();
    }

    private AliasInfo info(Alias alias) {
        return Listings.alias(alias, fleet.live());
    }

    private Aliases.Tuning tuning(UpdateApplicationRequest request) {
        return new Aliases.Tuning(
                request.hasKeepAlive() ? Duration.ofSeconds(request.getKeepAlive()) : null,
                request.hasMaxMultiplexing() ? Integer.valueOf(request.getMaxMultiplexing()) : null,
                request.hasMaxConcurrency() ? Integer.valueOf(request.getMaxConcurrency()) : null,
                request.hasMinConcurrency() ? Integer.valueOf(request.getMinConcurrency()) : null,
                request.hasConcurrencyBuffer()
                        ? Integer.valueOf(request.getConcurrencyBuffer())
                        : null,
                request.hasConcurrencyBufferPerc()
                        ? Integer.valueOf(request.getConcurrencyBufferPerc())
                        : null,
                request.hasScalingDelaySeconds()
                        ? Duration.ofSeconds(request.getScalingDelaySeconds())
                        : null,
                request.hasRequestTimeout()
                        ? Words.seconds("request_timeout", request.getRequestTimeout())
                        : null,
                request.hasStartupTimeout()
                        ? Words.seconds("startup_timeout", request.getStartupTimeout())
                        : null,
                request.hasRequestStartTimeout()
                        ? Words.seconds("request_start_timeout", request.getRequestStartTimeout())
                        : null,
                machines.known(List.copyOf(request.getMachineTypesList())),
                machines.regions(request.getValidRegionsList()));
    }
}
