package mews.project;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseOptions;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/// A pyproject.toml as far as it concerns apps: read as TOML 1.1 and checked, all problems at once.
public final class ProjectFile {
    public static final String NAME = "pyproject.toml";

    private static final List<String> APPS = List.of("tool", "fal", "apps");
    private static final List<String> OWN = List.of("tool", "mews", "apps");

    private final Path path;
    private final Map<String, ProjectApp> apps;
    private final Set<String> keys;
    private final List<Problem> problems;

    private ProjectFile(
            Path path, Map<String, ProjectApp> apps, Set<String> keys, List<Problem> problems) {
        this.path = path;
        this.apps = apps;
        this.keys = keys;
        this.problems = problems;
    }

    /// The file that speaks for a folder: upwards from it, the first folder that holds `.git`, or a
    /// project file with `[tool.fal]`, is the project; only that folder's file counts. A file that
    /// cannot be read or parsed ends the search too, so that its problems are told. protocol:
    /// control 6
    ///
    /// @return empty if the project has no file
    public static Optional<Path> find(Path from) {
        for (Path folder = from.toAbsolutePath().normalize();
                folder != null;
                folder = folder.getParent()) {
            Path file = folder.resolve(NAME);
            boolean present = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
            if (Files.exists(folder.resolve(".git"))) {
                return present ? Optional.of(file) : Optional.empty();
            }
            if (present && !Files.isDirectory(file) && concernsUs(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    private static boolean concernsUs(Path file) {
        FileText text = FileText.read(file);
        if (!text.problems().isEmpty()) {
            return true;
        }
        TomlParseResult toml = parse(text.text());
        return toml.hasErrors() || toml.contains(List.of("tool", "fal"));
    }

    /// Reads and checks. Never throws for what the file holds: see `problems`.
    public static ProjectFile read(Path path) {
        Path file = path.toAbsolutePath().normalize();
        FileText text = FileText.read(file);
        if (text.text() == null) {
            return new ProjectFile(file, Map.of(), Set.of(), text.problems());
        }
        TomlParseResult toml = parse(text.text());
        Problems problems = new Problems(toml.hasErrors());
        for (TomlParseError error : toml.errors()) {
            problems.error(null, "syntax", error.position(), said(error), null);
        }
        Map<String, ProjectApp> apps = new LinkedHashMap<>();
        Set<String> keys = readApps(file, toml, problems, apps);
        noteStrays(toml, keys, problems);
        List<Problem> all = new ArrayList<>(text.problems());
        all.addAll(problems.all());
        return new ProjectFile(file, Map.copyOf(apps), keys, List.copyOf(all));
    }

    private static TomlParseResult parse(@Nullable String text) {
        return Toml.parse(
                text == null ? "" : text,
                TomlParseOptions.sourceless().withVersion(TomlVersion.V1_1_0));
    }

    private static String said(TomlParseError error) {
        String message = String.valueOf(error.getMessage());
        return message.isEmpty()
                ? "not TOML"
                : Character.toLowerCase(message.charAt(0)) + message.substring(1);
    }

    private static Set<String> readApps(
            Path file, TomlParseResult toml, Problems problems, Map<String, ProjectApp> into) {
        noteMisspeltTable(toml, problems);
        Object table = at(toml, APPS);
        if (table == null) {
            problems.missing(
                    null,
                    null,
                    "no [tool.fal.apps] in " + file,
                    "add one, such as: [tool.fal.apps.hello] ref = \"app.py::Hello\"");
            return Set.of();
        }
        Path folder = Objects.requireNonNull(file.getParent());
        Fields all = fields(null, "[tool.fal.apps]", toml, APPS, table, problems);
        if (all == null) {
            return Set.of();
        }
        for (String key : all.keys()) {
            List<String> path = plus(APPS, key);
            Fields app =
                    fields(
                            key,
                            "[tool.fal.apps." + key + "]",
                            toml,
                            path,
                            at(toml, path),
                            problems);
            ProjectApp.Own own = own(key, toml, problems);
            ProjectApp read = app == null ? null : new AppReader(key, app, folder, own).read();
            if (read != null && !problems.hasErrors(key)) {
                into.put(key, read);
            }
        }
        return new LinkedHashSet<>(all.keys());
    }

    /// The official client takes any other table under `[tool.fal]` in silence; a slip in `apps`
    /// makes all apps vanish, so that one is told.
    private static void noteMisspeltTable(TomlParseResult toml, Problems problems) {
        if (!(at(toml, List.of("tool", "fal")) instanceof TomlTable fal)) {
            return;
        }
        for (String key : fal.keySet()) {
            if (key.equals("apps")) {
                continue;
            }
            TomlPosition position = fal.inputPositionOf(List.of(key));
            if (Nearest.to(key, List.of("apps")).isPresent()) {
                problems.error(
                        null,
                        "unknown_key",
                        position,
                        "unknown table [tool.fal.%s]".formatted(key),
                        "did you mean [tool.fal.apps]?");
            } else {
                problems.warn(
                        null,
                        "unknown_key",
                        position,
                        "unknown key '%s' in [tool.fal] is ignored".formatted(key),
                        null);
            }
        }
    }

    /// Our own settings, apart because the official client refuses unknown keys beside fal's.
    private static ProjectApp.Own own(String key, TomlParseResult toml, Problems problems) {
        List<String> path = plus(OWN, key);
        Object table = at(toml, path);
        Fields fields =
                table == null
                        ? null
                        : fields(key, "[tool.mews.apps." + key + "]", toml, path, table, problems);
        if (fields == null) {
            return new ProjectApp.Own(false, false);
        }
        Boolean readOnly = fields.flag("read_only");
        boolean snapshot = new Values(fields).snapshot("snapshot");
        fields.finish();
        return new ProjectApp.Own(readOnly != null && readOnly, snapshot);
    }

    /// Own settings of no app.
    private static void noteStrays(TomlParseResult toml, Set<String> keys, Problems problems) {
        Object table = at(toml, OWN);
        Fields all =
                table == null ? null : fields(null, "[tool.mews.apps]", toml, OWN, table, problems);
        for (String key : all == null ? Set.<String>of() : all.keys()) {
            if (!keys.contains(key)) {
                problems.error(
                        null,
                        "not_found",
                        toml.inputPositionOf(plus(OWN, key)),
                        "[tool.mews.apps.%s] belongs to no app of [tool.fal.apps]".formatted(key),
                        Nearest.to(key, keys)
                                .map(near -> "did you mean '" + near + "'?")
                                .orElse(null));
            }
        }
    }

    private static @Nullable Fields fields(
            @Nullable String app,
            String where,
            TomlParseResult toml,
            List<String> path,
            @Nullable Object value,
            Problems problems) {
        TomlPosition position = toml.inputPositionOf(path);
        if (value instanceof TomlTable table) {
            return new Fields(app, where, table, position, problems);
        }
        problems.error(
                app,
                "wrong_type",
                position,
                "%s must be a table, was %s".formatted(where, Fields.described(value)),
                null);
        return null;
    }

    /// Unlike `get`, passes over a parent that is no table.
    private static @Nullable Object at(TomlParseResult toml, List<String> path) {
        Object value = toml;
        for (String key : path) {
            value = value instanceof TomlTable table ? table.get(List.of(key)) : null;
        }
        return value;
    }

    private static List<String> plus(List<String> path, String key) {
        List<String> longer = new ArrayList<>(path);
        longer.add(key);
        return longer;
    }

    public Path path() {
        return path;
    }

    /// The apps without errors, by key.
    public Map<String, ProjectApp> apps() {
        return apps;
    }

    /// All keys of `[tool.fal.apps]`, in the order of the file.
    public Set<String> keys() {
        return keys;
    }

    /// In the order of the file.
    public List<Problem> problems() {
        return problems;
    }
}
