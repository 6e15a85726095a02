package mews.project;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mews.base.Hashes;
import mews.model.AppFile;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Which local files travel with an app. protocol: control 4.5
public final class AppFiles {
    /// Largest single file, in bytes.
    public static final long FILE_BYTES = 1L << 30;

    private static final Pattern GROUP = Pattern.compile("\\(\\?P<(\\w+)>|\\(\\?P=(\\w+)\\)");

    private final Path context;
    private final List<Pattern> ignore;

    /// @param context absolute; what paths are relative to
    /// @param ignore regular expressions searched for in the relative POSIX path
    private AppFiles(Path context, List<Pattern> ignore) {
        this.context = context;
        this.ignore = ignore;
    }

    /// One file to send.
    ///
    /// @param hash sha256 hex over the content and the decimal mode
    /// @param relativePath POSIX, below the context folder
    /// @param mode `st_mode` with the file-type bits, such as 33188
    /// @param modified seconds since 1970, with a fraction
    public record Entry(
            String hash, String relativePath, Path file, int mode, long size, double modified) {
        public AppFile toModel() {
            return new AppFile(hash, relativePath);
        }
    }

    /// What a selection is made from.
    ///
    /// @param paths relative to `context`, or absolute inside it
    /// @param appFile never sent: it travels by itself
    /// @param otherBase where a missing path is looked for too, so that the error can say so
    public record Selection(
            List<String> paths,
            List<String> ignore,
            Path context,
            @Nullable Path appFile,
            @Nullable Path otherBase)
            implements Brought {
        public static final Selection NONE =
                new Selection(List.of(), List.of(), Path.of("/"), null, null);

        @Override
        public List<Entry> select() {
            return AppFiles.select(this);
        }
    }

    /// The folder that `app_files` are relative to when nothing else is said.
    static Path base(Path folder, @Nullable Target target) {
        Path parent = target instanceof Target.Ref ref ? ref.file().getParent() : null;
        return parent == null ? folder : parent;
    }

    /// A Python regular expression as ours; named groups are spelt differently, and have no `_`.
    static Pattern pattern(String python) {
        String regex =
                GROUP.matcher(python)
                        .replaceAll(group ->
                                Matcher.quoteReplacement(
                                        group.group().startsWith("(?P<")
                                                ? "(?<%s>".formatted(name(group.group(1)))
                                                : "\\k<%s>".formatted(name(group.group(2)))));
        return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
    }

    private static String name(String python) {
        return "g" + python.replace("_", "0");
    }

    /// @return the files, hashed, each path once
    /// @throws Refusal if a listed path is missing or leaves the context, or a file is too large
    public static List<Entry> select(Selection selection) {
        if (selection.paths().isEmpty()) {
            return List.of();
        }
        AppFiles files =
                new AppFiles(
                        real(selection.context()),
                        selection.ignore().stream().map(AppFiles::pattern).toList());
        Map<String, Entry> found = new LinkedHashMap<>();
        Path appFile = selection.appFile() == null ? null : real(selection.appFile());
        for (String path : selection.paths()) {
            for (Path file : files.candidates(path, selection.otherBase())) {
                Entry entry = file.equals(appFile) ? null : files.entry(file);
                if (entry != null) {
                    found.putIfAbsent(entry.relativePath(), entry);
                }
            }
        }
        return List.copyOf(found.values());
    }

    /// The real files below a listed path that no pattern ignores.
    private List<Path> candidates(String listed, @Nullable Path otherBase) {
        Path path = context.resolve(listed).normalize();
        if (!Files.exists(path)) {
            Path other = otherBase == null ? path : otherBase.resolve(listed).normalize();
            String advice =
                    Files.exists(other)
                            ? "; %s exists: set app_files_context_dir".formatted(other)
                            : "";
            throw refused(
                    "app_files names '%s', and there is nothing at %s".formatted(listed, path)
                            + advice);
        }
        String below = relative(path, listed);
        if (!Files.isDirectory(path)) {
            return ignored(below) ? List.of() : List.of(real(path));
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(path)) {
            tree.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(Files::isRegularFile)
                    .filter(file -> !ignored(relative(file, listed)))
                    .sorted()
                    .forEach(file -> files.add(real(file)));
        } catch (IOException | UncheckedIOException e) {
            throw refused(
                    "app_files names '%s', and not all of %s can be read: %s"
                            .formatted(listed, path, e.getMessage()));
        }
        return files;
    }

    private boolean ignored(String relativePath) {
        return ignore.stream().anyMatch(pattern -> pattern.matcher(relativePath).find());
    }

    private @Nullable Entry entry(Path file) {
        String relativePath = relative(file, file.toString());
        return ignored(relativePath) ? null : entry(file, relativePath, "app");
    }

    /// @param file a real one
    /// @param what it is for, as the error says
    static Entry entry(Path file, String relativePath, String what) {
        try {
            long size = Files.size(file);
            if (size > FILE_BYTES) {
                throw refused(
                        "the %s file %s has %,d bytes, at most %,d are sent"
                                .formatted(what, file, size, FILE_BYTES));
            }
            int mode = (Integer) Files.getAttribute(file, "unix:mode");
            double modified = Files.getLastModifiedTime(file).toMillis() / 1000.0;
            return new Entry(hash(file, mode), relativePath, file, mode, size, modified);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the %s file %s".formatted(what, file), e);
        }
    }

    private String relative(Path file, String listed) {
        Path relative = context.relativize(file);
        if (relative.startsWith("..") || relative.isAbsolute()) {
            throw refused(
                    "the app file '%s' is %s, outside of %s; copy it inside, or set"
                                    .formatted(listed, file, context)
                            + " app_files_context_dir to a folder above both");
        }
        return relative.toString();
    }

    private static String hash(Path file, int mode) throws IOException {
        MessageDigest digest = Hashes.sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        digest.update(Integer.toString(mode).getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw refused("there is nothing at " + path);
        }
    }

    private static Refusal refused(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }
}
