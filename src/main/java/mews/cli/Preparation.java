package mews.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import mews.base.Home;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.project.AppFiles;
import mews.project.LoadedApp;
import mews.project.Loader;
import mews.project.Packaging;
import mews.project.Requests;
import mews.project.SdkHosts;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.BuildEnvironmentResult;
import mews.wire.proto.HostedRunStatus;

/// What comes before a run or a deploy: load the app, send its files and packages, have its
/// environment built.
final class Preparation {
    private final Connection connection;
    private final Progress progress;
    private final Uploader uploader;

    Preparation(Connection connection, Progress progress) {
        this.connection = connection;
        this.progress = progress;
        this.uploader = new Uploader(connection.rest(), progress);
    }

    /// @return the app's requests, with everything they refer to at the server
    Requests requests(AppChoice choice, Requests.Choices choices) throws IOException {
        Path tools = Home.ofEnvironment().tools();
        Interpreters interpreters = Interpreters.ofHost();
        Uv uv = new Uv(interpreters);
        progress.step("loading " + choice.text());
        LoadedApp app =
                new Loader(tools, loaderSource(), interpreters, uv)
                        .load(
                                choice.request(SdkHosts.of(connection.server().addresses())),
                                progress::line);
        List<AppFiles.Entry> files = app.files().select();
        uploader.sync(files);
        if (Packaging.isNeeded(app)) {
            progress.step("packaging local requirements");
            app =
                    new Packaging(tools, interpreters, uv)
                            .prepare(app, this::sendPackage, progress::line);
        }
        return new Requests(
                app, choices.withFiles(files.stream().map(AppFiles.Entry::toModel).toList()));
    }

    private URI sendPackage(Path archive, String name) {
        try {
            return URI.create(uploader.sendPackage(archive, name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot send " + name, e);
        }
    }

    /// The Python part that evaluates apps stands beside the launcher.
    private static Path loaderSource() {
        String launcher = System.getProperty("mews.launcher");
        if (launcher == null) {
            throw Failure.failed("the 'mews' script says where the loader is; start it by that");
        }
        return Path.of(launcher).resolveSibling("loader/src");
    }

    /// @throws Failure with the builder's explanation
    void build(BuildEnvironmentRequest request) {
        progress.step("building the environment");
        var results = connection.control().buildEnvironment(request);
        while (results.hasNext()) {
            BuildEnvironmentResult result = results.next();
            BuildLog.show(result.getLogsList(), progress);
            HostedRunStatus.State state = result.getStatus().getState();
            if (result.hasStatus() && state == HostedRunStatus.State.SUCCESS) {
                return;
            }
            if (result.hasStatus() && state == HostedRunStatus.State.INTERNAL_FAILURE) {
                throw Failure.failed(
                        "the server failed while it built the environment; its log says why");
            }
        }
        throw Failure.failed("the server ended the build without saying how it went");
    }
}
