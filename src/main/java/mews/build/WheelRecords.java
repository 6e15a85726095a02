package mews.build;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Tells which files of a folder with several installed packages belong to which, by their `RECORD`
/// (packaging.python.org, "Recording installed projects").
final class WheelRecords {
    private static final String INFO = ".dist-info";
    private static final long LARGEST = 64L << 20;

    /// uv's own.
    private static final Path GUARD = Path.of(".lock");

    private final Path site;
    private final Set<Path> regular = new HashSet<>();
    private final Set<Path> others = new HashSet<>();
    private final Map<String, List<Path>> files = new TreeMap<>();
    private final Map<Path, String> owners = new HashMap<>();
    private final Set<String> unclear = new HashSet<>();

    /// What one package has.
    ///
    /// @param wholes names at the top of the folder with nothing of others in them
    /// @param files all others, relative to the folder
    record Owned(List<Path> wholes, List<Path> files) {}

    private WheelRecords(Path site) {
        this.site = site;
    }

    /// @return name in its normal form → what it has. A package is missing if it shares a file with
    ///   another, or if there are files about which nobody can tell whether they are its own
    static Map<String, Owned> of(Path site) throws IOException {
        WheelRecords records = new WheelRecords(site);
        records.look();
        try (DirectoryStream<Path> infos = Files.newDirectoryStream(site, "*" + INFO)) {
            for (Path info : infos) {
                records.read(info);
            }
        }
        records.blameStrays();
        return records.owned();
    }

    /// Once for all: thousands of files are asked about.
    private void look() throws IOException {
        Files.walkFileTree(
                site,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        (attributes.isRegularFile() ? regular : others).add(relative(file));
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private Map<String, Owned> owned() {
        Map<Path, Set<String>> tops = new HashMap<>();
        owners.forEach((path, owner) ->
                tops.computeIfAbsent(path.getName(0), top -> new HashSet<>()).add(owner));
        Map<String, Owned> owned = new TreeMap<>();
        files.forEach((name, all) -> {
            if (!unclear.contains(name)) {
                Predicate<Path> alone = top -> tops.getOrDefault(top, Set.of()).size() == 1;
                owned.put(
                        name,
                        new Owned(
                                all.stream()
                                        .map(file -> file.getName(0))
                                        .distinct()
                                        .filter(alone)
                                        .toList(),
                                all.stream()
                                        .filter(file -> !alone.test(file.getName(0)))
                                        .toList()));
            }
        });
        return owned;
    }

    private void read(Path info) throws IOException {
        String stem = info.getFileName().toString();
        String name = normal(stem.substring(0, stem.length() - INFO.length()).split("-", 2)[0]);
        Set<Path> mine = new HashSet<>(List.of(relative(info.resolve("RECORD"))));
        try (Stream<Path> inside = Files.list(info)) {
            inside.filter(Files::isRegularFile).map(this::relative).forEach(mine::add);
        }
        Path record = info.resolve("RECORD");
        if (!Files.isRegularFile(record, LinkOption.NOFOLLOW_LINKS)
                || Files.size(record) > LARGEST) {
            unclear.add(name);
            return;
        }
        for (String line : Files.readString(record).lines().toList()) {
            try {
                mine.add(Path.of(first(line)).normalize());
            } catch (InvalidPathException e) {
                unclear.add(name);
            }
        }
        mine.forEach(path -> own(path, name));
    }

    private void own(Path path, String name) {
        if (path.isAbsolute() || path.startsWith("..")) {
            unclear.add(name);
            return;
        }
        if (!regular.contains(path)) {
            return;
        }
        String other = owners.put(path, name);
        if (other != null && !other.equals(name)) {
            unclear.addAll(List.of(name, other));
        }
        files.computeIfAbsent(name, key -> new ArrayList<>()).add(path);
    }

    /// Files without an owner make all unclear that have a part in their folder.
    private void blameStrays() {
        Set<Path> strays = new HashSet<>(regular);
        strays.addAll(others);
        strays.removeAll(owners.keySet());
        strays.remove(GUARD);
        for (Path stray : strays) {
            Set<String> neighbours = new HashSet<>();
            owners.forEach((path, owner) -> {
                if (path.getNameCount() > 1 && path.getName(0).equals(stray.getName(0))) {
                    neighbours.add(owner);
                }
            });
            unclear.addAll(neighbours.isEmpty() ? files.keySet() : neighbours);
        }
    }

    private Path relative(Path file) {
        return site.relativize(file);
    }

    /// The first field of a line of comma-separated values.
    private static String first(String line) {
        if (!line.startsWith("\"")) {
            return line.split(",", 2)[0];
        }
        int end = line.indexOf("\",", 1);
        return line.substring(1, end < 0 ? line.length() - 1 : end).replace("\"\"", "\"");
    }

    /// As in a lock.
    private static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
    }
}
