package mews.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.ApplicationAuthMode;
import mews.wire.proto.ApplicationInfo;
import mews.wire.proto.DeleteAliasRequest;
import mews.wire.proto.DeleteApplicationRequest;
import mews.wire.proto.DeploymentStrategy;
import mews.wire.proto.ListAliasesRequest;
import mews.wire.proto.ListApplicationsRequest;
import mews.wire.proto.RolloutApplicationRequest;
import mews.wire.proto.SetAliasRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        subcommands = {
            ScaleCommand.class,
            AppRunnersCommand.class,
            AppLockCommand.class,
            AppDiffCommand.class,
            AppExplainCommand.class
        })
final class AppsCommand {
    enum Auth {
        PRIVATE,
        PUBLIC,
        SHARED;

        ApplicationAuthMode wire() {
            return ApplicationAuthMode.valueOf(name());
        }
    }

    enum Strategy {
        RECREATE,
        ROLLING;

        DeploymentStrategy wire() {
            return DeploymentStrategy.valueOf(name());
        }
    }

    @Command(description = "Lists apps.")
    void list(
            @Mixin ServerOptions server,
            @Mixin EnvOption env,
            @Option(
                            names = "--filter",
                            defaultValue = "",
                            paramLabel = "TEXT",
                            description = "Only apps whose name holds this.")
                    String filter,
            @Option(names = "--sort-by-runners", description = "Most runners first.")
                    boolean byRunners,
            @Mixin OutputOptions output)
            throws IOException {
        ListAliasesRequest.Builder request = ListAliasesRequest.newBuilder();
        String environment = env.name();
        if (environment != null) {
            request.setEnvironmentName(environment);
        }
        try (Connection connection = server.connect()) {
            List<AliasInfo> apps =
                    new ArrayList<>(
                            connection.control().listAliases(request.build()).getAliasesList());
            apps.removeIf(app -> !app.getAlias().contains(filter));
            apps.sort(
                    byRunners
                            ? Comparator.comparing(AliasInfo::getActiveRunners).reversed()
                            : Comparator.comparing(AliasInfo::getAlias));
            Table table = AppViews.table();
            apps.forEach(app -> AppViews.row(table, app));
            output.print(Map.of("apps", apps.stream().map(AppViews::json).toList()), table);
        }
    }

    @Command(name = "list-rev", description = "Lists revisions, newest first.")
    void listRevisions(
            @Mixin ServerOptions server,
            @Mixin EnvOption env,
            @Parameters(arity = "0..1", paramLabel = "APP", description = "Default: all apps.")
                    @Nullable String app,
            @Mixin OutputOptions output)
            throws IOException {
        ListApplicationsRequest.Builder request = ListApplicationsRequest.newBuilder();
        String environment = env.name();
        if (environment != null) {
            request.setEnvironmentName(environment);
        }
        if (app != null) {
            request.setApplicationName(env.alias(app));
        }
        try (Connection connection = server.connect()) {
            List<ApplicationInfo> revisions =
                    connection
                            .control()
                            .listApplications(request.build())
                            .getApplicationsList()
                            .stream()
                            .sorted(
                                    Comparator.comparing((ApplicationInfo each) ->
                                                    Times.instant(each.getCreatedAt()))
                                            .reversed())
                            .toList();
            Table table = AppViews.revisionTable();
            revisions.forEach(revision -> AppViews.row(table, revision));
            output.print(
                    Map.of("revisions", revisions.stream().map(AppViews::json).toList()), table);
        }
    }

    @Command(description = "Replaces all runners of an app by new ones of the same revision.")
    void rollout(
            @Mixin ServerOptions server,
            @Mixin EnvOption env,
            @Parameters(paramLabel = "APP") String app,
            @Option(names = "--force", description = "Kill the old ones instead of draining them.")
                    boolean force)
            throws IOException {
        RolloutApplicationRequest.Builder request =
                RolloutApplicationRequest.newBuilder()
                        .setApplicationName(env.alias(app))
                        .setForce(force);
        String environment = env.name();
        if (environment != null) {
            request.setEnvironmentName(environment);
        }
        try (Connection connection = server.connect()) {
            connection.control().rolloutApplication(request.build());
            Terminal.ofProcess().say("rolling out new runners of " + app);
        }
    }

    @Command(name = "set-rev", description = "Points an app at a revision.")
    void setRevision(
            @Mixin ServerOptions server,
            @Mixin EnvOption env,
            @Parameters(index = "0", paramLabel = "APP") String app,
            @Parameters(index = "1", paramLabel = "REVISION") String revision,
            @Option(names = "--auth", paramLabel = "MODE", description = "private, public, shared.")
                    @Nullable Auth auth,
            @Option(names = "--strategy", description = "rolling or recreate.")
                    @Nullable Strategy strategy)
            throws IOException {
        SetAliasRequest.Builder request =
                SetAliasRequest.newBuilder().setAlias(env.alias(app)).setRevision(revision);
        String environment = env.name();
        if (environment != null) {
            request.setEnvironmentName(environment);
        }
        if (auth != null) {
            request.setAuthMode(auth.wire());
        }
        if (strategy != null) {
            request.setDeploymentStrategy(strategy.wire());
        }
        try (Connection connection = server.connect()) {
            AliasInfo now = connection.control().setAlias(request.build()).getAliasInfo();
            Terminal.ofProcess()
                    .say(
                            "%s serves revision %s (%s)"
                                    .formatted(
                                            app,
                                            now.getRevision(),
                                            now.getAuthMode().name().toLowerCase(Locale.ROOT)));
        }
    }

    @Command(description = "Deletes an app: its URL goes and its runners stop; revisions stay.")
    void delete(
            @Mixin ServerOptions server,
            @Mixin EnvOption env,
            @Parameters(paramLabel = "APP") String app)
            throws IOException {
        DeleteAliasRequest.Builder request =
                DeleteAliasRequest.newBuilder().setAlias(env.alias(app));
        String environment = env.name();
        if (environment != null) {
            request.setEnvironmentName(environment);
        }
        try (Connection connection = server.connect()) {
            String revision = connection.control().deleteAlias(request.build()).getRevision();
            Terminal.ofProcess().say("deleted %s, revision %s stays".formatted(app, revision));
        }
    }

    @Command(name = "delete-rev", description = "Deletes a revision that no app uses.")
    void deleteRevision(
            @Mixin ServerOptions server, @Parameters(paramLabel = "REVISION") String revision)
            throws IOException {
        try (Connection connection = server.connect()) {
            connection
                    .control()
                    .deleteApplication(
                            DeleteApplicationRequest.newBuilder()
                                    .setApplicationId(revision)
                                    .build());
            Terminal.ofProcess().say("deleted revision " + revision);
        }
    }
}
