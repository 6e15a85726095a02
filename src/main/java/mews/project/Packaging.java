package mews.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import mews.base.Folders;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.Refusal;

/// Sends along what requirements name on this machine. A project becomes a source distribution,
/// uploaded, and the requirement a reference to it; a folder of `--find-links` becomes a page of
/// links to its uploaded archives, and the operand the page's URL. protocol: control 4.4
public final class Packaging {
    /// Puts a file where the builder can fetch it without a key.
    public interface Uploader {
        /// @param name the URL's path must end with it
        URI upload(Path file, String name);
    }

    private final Sdists sdists;

    /// @param tools where Mews keeps its tools
    public Packaging(Path tools, Interpreters interpreters, Uv uv) {
        this.sdists = new Sdists(tools, interpreters, uv);
    }

    /// @return whether an app has anything to send
    public static boolean isNeeded(LoadedApp app) {
        ProjectApp.Requirements requirements = RequirementList.read(app.environment());
        return requirements.layers().stream()
                .anyMatch(layer -> anyLocal(layer, app.requirementsBase()));
    }

    /// @param progress gets what is going on and what the build says, line by line
    /// @return the app with requirements that a builder elsewhere understands; the same app if none
    ///   is local
    /// @throws Refusal if a project cannot be packaged, or a folder has no archives, with the
    ///   reason
    public LoadedApp prepare(LoadedApp app, Uploader uploader, Consumer<String> progress) {
        if (!isNeeded(app)) {
            return app;
        }
        ProjectApp.Requirements requirements = RequirementList.read(app.environment());
        Map<Path, String> sent = new HashMap<>();
        Map<Path, URI> pages = new HashMap<>();
        UnaryOperator<String> link =
                place ->
                        linked(
                                LinkFolder.of(place, app.requirementsBase()),
                                pages,
                                uploader,
                                progress);
        List<List<String>> layers = new ArrayList<>();
        for (List<String> written : requirements.layers()) {
            List<String> layer = LinkOperands.replace(written, link);
            List<String> rewritten = new ArrayList<>();
            for (int i = 0; i < layer.size(); i++) {
                rewritten.add(
                        LocalRequirement.of(layer, i, app.requirementsBase())
                                .map(local -> sent(local, sent, app, uploader, progress))
                                .orElse(layer.get(i)));
            }
            layers.add(rewritten);
        }
        var all = new ProjectApp.Requirements(layers, requirements.layered());
        return app.withEnvironment(environment -> RequirementList.with(environment, all));
    }

    private static boolean anyLocal(List<String> layer, Path base) {
        if (!LinkOperands.in(layer).isEmpty()) {
            return true;
        }
        for (int i = 0; i < layer.size(); i++) {
            if (LocalRequirement.of(layer, i, base).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /// Each folder is sent once.
    private static String linked(
            LinkFolder folder, Map<Path, URI> pages, Uploader uploader, Consumer<String> progress) {
        URI known = pages.get(folder.place());
        if (known != null) {
            return known.toString();
        }
        int count = folder.archives().size();
        progress.accept(
                "sending %d %s of %s"
                        .formatted(count, count == 1 ? "archive" : "archives", folder.place()));
        try {
            URI page = folder.send(uploader);
            pages.put(folder.place(), page);
            return page.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot send " + folder.place(), e);
        }
    }

    /// `name[extras] @ url`; each folder is built and sent once.
    private String sent(
            LocalRequirement local,
            Map<Path, String> sent,
            LoadedApp app,
            Uploader uploader,
            Consumer<String> progress) {
        Path folder = local.folder();
        String reference = sent.get(folder);
        if (reference == null) {
            reference = send(folder, app.pythonVersion(), uploader, progress);
            sent.put(folder, reference);
        }
        int at = reference.indexOf(" @ ");
        return reference.substring(0, at) + local.extras() + reference.substring(at);
    }

    private String send(
            Path folder, String pythonVersion, Uploader uploader, Consumer<String> progress) {
        try {
            Path work = Files.createTempDirectory("mews-package-");
            try {
                Sdists.Sdist sdist = sdists.build(folder, pythonVersion, work, progress);
                String name = String.valueOf(sdist.file().getFileName());
                progress.accept("uploading " + name);
                URI url = uploader.upload(sdist.file(), name);
                return sdist.project() + " @ " + url;
            } finally {
                Folders.delete(work);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot package " + folder, e);
        }
    }
}
