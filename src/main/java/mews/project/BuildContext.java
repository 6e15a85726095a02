package mews.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.model.Refusal;

/// The files that a Dockerfile takes from its context: only those are sent. protocol: control 4.3,
/// 4.5
///
/// @param folder absolute
/// @param dockerfile its text
record BuildContext(Path folder, String dockerfile, IgnoreRules ignore) implements Brought {
    private static final Pattern WILDCARD = Pattern.compile("[*?\\[\\\\]");

    @Override
    public String toString() {
        return "BuildContext[" + folder + "]";
    }

    @Override
    public List<AppFiles.Entry> select() {
        List<Dockerfile.Source> sources = Dockerfile.sources(dockerfile);
        if (sources.isEmpty()) {
            return List.of();
        }
        Map<String, Path> found = new TreeMap<>();
        Tree tree = new Tree(real(folder));
        for (Dockerfile.Source source : sources) {
            Map<String, Path> files = tree.files(source);
            if (files.isEmpty() && !WILDCARD.matcher(source.path()).find()) {
                throw missing(source, tree.context);
            }
            found.putAll(files);
        }
        return found.entrySet().stream()
                .map(file -> AppFiles.entry(file.getValue(), file.getKey(), "context"))
                .toList();
    }

    private Refusal missing(Dockerfile.Source source, Path context) {
        Path path = context.resolve(String.join("/", Dockerfile.segments(source.path())));
        String reason = "there is nothing at " + path;
        if (Files.isRegularFile(path)) {
            reason = path + " is left out by .dockerignore" + whichRules(context);
        } else if (Files.exists(path)) {
            reason =
                    path + " holds no file that .dockerignore" + whichRules(context) + " lets pass";
        }
        return refused(source, reason);
    }

    private static String whichRules(Path context) {
        return Files.exists(context.resolve(".dockerignore"))
                ? ""
                : " (there is none, so the usual patterns hold: "
                        + String.join(", ", IgnoreRules.DEFAULT)
                        + ")";
    }

    private static Refusal refused(Dockerfile.Source source, String reason) {
        return new Refusal(
                Refusal.Kind.INVALID,
                "Dockerfile line %d names '%s': %s"
                        .formatted(source.line(), source.path(), reason));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new Refusal(Refusal.Kind.INVALID, "there is no build context at " + path);
        }
    }

    /// Walks the context; follows links inside of it, and refuses those that leave it.
    private final class Tree {
        private final Path context;

        private Tree(Path context) {
            this.context = context;
        }

        private Map<String, Path> files(Dockerfile.Source source) {
            Map<String, Path> files = new TreeMap<>();
            // What a variable will hold is known at the build alone.
            List<String> segments =
                    source.path().contains("$") ? List.of() : Dockerfile.segments(source.path());
            if (segments.contains("..")) {
                throw refused(source, "'..' leads out of the build context " + context);
            }
            List<String> literal =
                    segments.stream()
                            .takeWhile(segment -> !WILDCARD.matcher(segment).find())
                            .toList();
            Path root = context.resolve(String.join("/", literal));
            if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
                walk(root, String.join("/", literal), source, new ArrayList<>(), files);
            }
            if (literal.size() < segments.size()) {
                Pattern wanted = wildcards(segments);
                files.keySet().removeIf(path -> !wanted.matcher(path).matches());
            }
            return files;
        }

        private static Pattern wildcards(List<String> segments) {
            String regex =
                    segments.stream()
                            .map(segment -> segment.equals("**") ? ".*" : IgnoreRules.glob(segment))
                            .collect(Collectors.joining("/"));
            return Pattern.compile(regex + "(/.*)?");
        }

        /// @param above real folders on the way, so that a link to one of them is no endless way
        private void walk(
                Path path,
                String relative,
                Dockerfile.Source source,
                List<Path> above,
                Map<String, Path> files) {
            if (Files.isDirectory(path)) {
                boolean leftOut =
                        ignore.isFinal() && !relative.isEmpty() && ignore.ignores(relative);
                Path real = leftOut ? path : inside(path, relative, source);
                if (!leftOut && !above.contains(real)) {
                    above.add(real);
                    children(real)
                            .forEach(child -> {
                                String name = String.valueOf(child.getFileName());
                                String below = relative.isEmpty() ? name : relative + "/" + name;
                                walk(path.resolve(name), below, source, above, files);
                            });
                    above.removeLast();
                }
            } else if (!ignore.ignores(relative)) {
                Path real = inside(path, relative, source);
                if (Files.isRegularFile(real)) {
                    files.put(relative, real);
                }
            }
        }

        private List<Path> children(Path folder) {
            try (Stream<Path> entries = Files.list(folder)) {
                return entries.sorted().toList();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the folder " + folder, e);
            }
        }

        private Path inside(Path path, String relative, Dockerfile.Source source) {
            Path real;
            try {
                real = path.toRealPath();
            } catch (IOException e) {
                throw refused(source, relative + " is a link to nothing; add it to .dockerignore");
            }
            if (!real.startsWith(context)) {
                throw refused(
                        source,
                        "%s is a link to %s, outside of the build context %s; copy it inside, or add it to .dockerignore"
                                .formatted(relative, real, context));
            }
            return real;
        }
    }
}
