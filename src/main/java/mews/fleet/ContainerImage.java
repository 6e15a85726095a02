package mews.fleet;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mews.host.EnvironmentLayout;
import mews.model.ContainerSettings;
import mews.model.Refusal;
import mews.sandbox.ImageFiles;
import mews.sandbox.ImageUser;

/// A container image on this machine, as one who starts a process in it sees it.
///
/// @param files its root file system
record ContainerImage(Path files, ContainerSettings settings, ImageUser user) {
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// @param root as an `Image` names it
    /// @throws Refusal if it is not here, or its user is not in it
    static ContainerImage of(EnvironmentLayout layout, String root) {
        Path files = layout.rootFileSystem(root);
        ContainerSettings settings;
        try {
            settings = layout.settings(root);
        } catch (UncheckedIOException e) {
            throw missing();
        }
        String[] content = files.toFile().list();
        if (content == null || content.length == 0) {
            throw missing();
        }
        ImageUser user = ImageUser.of(new ImageFiles(files), settings.user());
        return new ContainerImage(files, settings, user);
    }

    /// The image's variables, with those that a process can take for granted.
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", PATH);
        environment.put("HOME", user.home());
        environment.putAll(settings.environment());
        return environment;
    }

    /// The app's variables without what the image chose itself: cache folders, and whom to trust.
    Map<String, String> overlaid(Map<String, String> variables) {
        Map<String, String> left = new HashMap<>(variables);
        left.keySet()
                .removeIf(name ->
                        (RunnerVariables.CACHES.contains(name) || Roots.VARIABLES.contains(name))
                                && settings.environment().containsKey(name));
        return left;
    }

    /// Looks whether a program can be run at all, for the kernel tells nobody why it cannot.
    ///
    /// @param what it is, for the message
    /// @param name as a command line would name it
    /// @throws Refusal saying what is wrong with it
    void requireProgram(String what, String name) {
        String shown = "the image's %s '%s'".formatted(what, name);
        Optional<Path> found =
                candidates(name).stream()
                        .flatMap(path -> new ImageFiles(files).find(path).stream())
                        .filter(Files::isRegularFile)
                        .findFirst();
        Path program =
                found.orElseThrow(() ->
                        refused(
                                shown
                                        + " does not exist in the image"
                                        + (name.contains("/") ? "" : ", looked for on its PATH")
                                        + "; correct entrypoint or cmd, or COPY it in the Dockerfile"));
        new ImageProgram(new ImageFiles(files), program).check(shown);
    }

    private List<String> candidates(String name) {
        if (name.contains("/")) {
            return List.of(Path.of(settings.workdir()).resolve(name).toString());
        }
        String path = settings.environment().getOrDefault("PATH", PATH);
        return List.of(path.split(":")).stream()
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> folder + "/" + name)
                .toList();
    }

    static Refusal refused(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }

    private static Refusal missing() {
        return new Refusal(
                Refusal.Kind.FAILED_PRECONDITION,
                "the container image is not on this machine any more; deploy the app again to build it");
    }
}
