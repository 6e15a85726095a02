package mews.build.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.build.LockedEnvironment;
import mews.model.ContainerSettings;
import mews.sandbox.ImageFiles;
import org.jspecify.annotations.Nullable;

/// The Python packages of an image, as their own metadata names them. Where they came from is not
/// known: the image's digest stands for all of it.
final class ImagePackages {
    private static final Pattern METADATA = Pattern.compile("(.+)-([^-]+)\\.dist-info");

    private ImagePackages() {}

    /// @param rootfs mounted
    static List<LockedEnvironment.Package> of(Path rootfs, ContainerSettings settings) {
        @Nullable String python = settings.python();
        if (python == null) {
            return List.of();
        }
        // The lib folders beside the interpreter's bin, and those that Debian adds.
        Path prefix = Path.of(python).resolveSibling("").resolveSibling("");
        Map<String, LockedEnvironment.Package> found = new TreeMap<>();
        for (String folder : List.of(prefix + "/lib", prefix + "/local/lib")) {
            new ImageFiles(rootfs).find(folder).ifPresent(lib -> search(lib, found));
        }
        return found.values().stream()
                .sorted(Comparator.comparing(LockedEnvironment.Package::name))
                .toList();
    }

    private static void search(Path lib, Map<String, LockedEnvironment.Package> found) {
        try {
            Files.walkFileTree(
                    lib,
                    java.util.Set.of(),
                    4,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
                            add(file, found);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult preVisitDirectory(
                                Path folder, BasicFileAttributes facts) {
                            return add(folder, found)
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException failure) {
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("the packages of the image cannot be read", e);
        }
    }

    private static boolean add(Path folder, Map<String, LockedEnvironment.Package> found) {
        Matcher name = METADATA.matcher(folder.getFileName().toString());
        if (!name.matches()) {
            return false;
        }
        String spelled = name.group(1).toLowerCase(Locale.ROOT).replaceAll("[._-]+", "-");
        found.putIfAbsent(
                spelled,
                new LockedEnvironment.Package(spelled, name.group(2), "the image", List.of(), 1));
        return true;
    }
}
