package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import mews.model.AppFile;
import mews.model.Refusal;
import mews.storage.Blobs;

/// The files that a Dockerfile may copy: exactly those that were uploaded with the app.
final class ImageContext {
    private ImageContext() {}

    /// Lays them out with their permissions. They are copied: a step may write to what it is given,
    /// and must not change what is stored.
    ///
    /// @throws Refusal if one was not uploaded after all
    static Path lay(Path folder, List<AppFile> files, Blobs blobs) throws IOException {
        Files.createDirectory(folder);
        for (AppFile file : files) {
            Path to = folder.resolve(file.relativePath()).normalize();
            if (!to.startsWith(folder) || to.equals(folder)) {
                throw invalid(
                        "file '%s' would lie outside of the context"
                                .formatted(file.relativePath()));
            }
            Path from =
                    blobs.find(file.hash())
                            .orElseThrow(() ->
                                    invalid(
                                            "file '%s' was not uploaded; deploy again"
                                                    .formatted(file.relativePath())));
            Files.createDirectories(to.getParent());
            Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
            // The clock says nothing about the content, and must not miss the cache.
            Files.setLastModifiedTime(to, FileTime.fromMillis(0));
        }
        return folder;
    }

    /// @param copied what COPY and ADD name, as the client found them
    /// @throws Refusal naming those of which no file was uploaded
    static void check(List<String> copied, List<AppFile> files) {
        List<String> missing =
                copied.stream().filter(name -> plain(name) && !has(files, name)).sorted().toList();
        if (!missing.isEmpty()) {
            throw invalid(
                    "the Dockerfile copies %s, but no such file came with the app. The official client leaves them out when a class (`ref`) gets its image from pyproject.toml: deploy with `mews deploy`, or give the class image = ContainerImage.from_dockerfile(…) itself. Otherwise check the name, the context folder and .dockerignore"
                            .formatted(String.join(", ", missing)));
        }
    }

    private static boolean has(List<AppFile> files, String name) {
        String path = clean(name);
        return files.stream()
                .anyMatch(file ->
                        file.relativePath().equals(path)
                                || file.relativePath().startsWith(path + "/"));
    }

    /// Patterns, variables and whole folders are the builder's to resolve.
    private static boolean plain(String name) {
        String path = clean(name);
        return !path.isEmpty() && !path.equals(".") && !path.matches(".*[*?\\[$].*");
    }

    private static String clean(String name) {
        return Path.of("/", name).normalize().toString().substring(1);
    }

    private static Refusal invalid(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }
}
