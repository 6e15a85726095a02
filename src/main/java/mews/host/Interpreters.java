package mews.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.base.Env;
import mews.base.Json;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// The Pythons of this machine: on `PATH`, of pyenv, of the system and of uv. One counts only if it
/// ran and told its version. Thread-safe; what was found is remembered.
public final class Interpreters {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern EXECUTABLE = Pattern.compile("python(3(\\.\\d+)?)?");
    private static final String QUESTION =
            """
            import json, os, platform, sys, sysconfig
            print(json.dumps({
                "path": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
                "version": platform.python_version(),
                "minor": "%d.%d" % sys.version_info[:2],
                "prefix": os.path.realpath(sys.base_prefix),
                "platform": "%s-%s" % (sys.implementation.cache_tag, sysconfig.get_platform()),
                "name": sys.implementation.name}))
            """;

    private record Answer(
            String path,
            String version,
            String minor,
            String prefix,
            String platform,
            String name) {}

    private static volatile @Nullable Path any;

    private final List<Path> folders;
    private final Map<Path, Optional<Interpreter>> asked = new ConcurrentHashMap<>();
    private final Map<String, Interpreter> found = new ConcurrentHashMap<>();

    /// @param folders that may hold executables named `python3.11`, `python3` or `python`; the
    ///   earlier one wins
    public Interpreters(List<Path> folders) {
        this.folders = List.copyOf(new LinkedHashSet<>(folders));
    }

    public static Interpreters ofHost() {
        Path home = Path.of(System.getProperty("user.home"));
        Path pyenv = Path.of(Env.get("PYENV_ROOT", home.resolve(".pyenv").toString()));
        Path uv =
                Path.of(
                        Env.get(
                                "UV_PYTHON_INSTALL_DIR",
                                home.resolve(".local/share/uv/python").toString()));
        List<Path> folders = new ArrayList<>(onPath());
        // A shim is a slow script around one of the versions, and fails for those not chosen.
        folders.removeIf(folder -> folder.equals(pyenv.resolve("shims")));
        folders.addAll(newestFirst(pyenv.resolve("versions")));
        folders.add(Path.of("/usr/local/bin"));
        folders.add(Path.of("/usr/bin"));
        folders.addAll(newestFirst(uv));
        return new Interpreters(folders);
    }

    /// Runs programs of ours outside of sandboxes; looked for once, which takes a run of each.
    ///
    /// @param wish what needs it, in words
    /// @throws IOException if there is none
    public static Path any(String wish) throws IOException {
        Path known = any;
        if (known == null || !Files.isExecutable(known)) {
            known =
                    ofHost().all().stream()
                            .findFirst()
                            .orElseThrow(() ->
                                    new IOException(
                                            wish
                                                    + " need a python3 on this host, and there is none"))
                            .path();
            any = known;
        }
        return known;
    }

    /// @param minor such as `3.11`
    public Optional<Interpreter> find(String minor) {
        Interpreter known = found.get(minor);
        if (known != null && Files.isExecutable(known.path())) {
            return Optional.of(known);
        }
        Optional<Interpreter> named =
                folders.stream()
                        .map(folder -> folder.resolve("python" + minor))
                        .flatMap(path -> ask(path).stream())
                        .filter(answer -> answer.minor().equals(minor))
                        .findFirst();
        Optional<Interpreter> chosen =
                named.or(() -> all().stream().filter(any -> any.minor().equals(minor)).findFirst());
        chosen.ifPresent(interpreter -> found.put(minor, interpreter));
        return chosen;
    }

    /// @throws Refusal if there is none of this minor version; it lists which there are
    public Interpreter require(String minor) {
        return find(minor)
                .orElseThrow(() ->
                        new Refusal(
                                Refusal.Kind.INVALID,
                                "no Python %s on this host; found %s. Install it (for example `uv python install %s`), or set python_version to one of these"
                                        .formatted(minor, names(), minor)));
    }

    /// Every interpreter that runs, newest minor version first, each executable once.
    public List<Interpreter> all() {
        List<Path> candidates =
                folders.stream().flatMap(folder -> executables(folder).stream()).toList();
        Map<Path, Interpreter> all = new LinkedHashMap<>();
        candidates.parallelStream()
                .map(this::ask)
                .flatMap(Optional::stream)
                .sequential()
                .forEach(answer -> all.putIfAbsent(answer.path(), answer));
        return all.values().stream()
                .sorted(
                        Comparator.comparing(
                                        (Interpreter any) -> number(any.minor().split("\\.")[1]))
                                .reversed())
                .toList();
    }

    /// What `python3` means in this shell, version managers and active environments included.
    public Optional<Interpreter> active() {
        return onPath().stream()
                .map(folder -> folder.resolve("python3"))
                .flatMap(path -> ask(path).stream())
                .findFirst();
    }

    private String names() {
        String names =
                all().stream()
                        .map(any -> any.minor() + " (" + any.path() + ")")
                        .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none at all" : names;
    }

    private Optional<Interpreter> ask(Path path) {
        return Files.isExecutable(path)
                ? asked.computeIfAbsent(path, Interpreters::run)
                : Optional.empty();
    }

    private static Optional<Interpreter> run(Path path) {
        Command.Result result =
                Command.run(PATIENCE, List.of(path.toString(), "-I", "-c", QUESTION));
        if (!result.ok()) {
            return Optional.empty();
        }
        Answer answer;
        try {
            answer = Json.MAPPER.readValue(result.out(), Answer.class);
        } catch (JacksonException e) {
            return Optional.empty();
        }
        boolean usable = answer.name().equals("cpython") && answer.minor().startsWith("3.");
        return usable
                ? Optional.of(
                        new Interpreter(
                                Path.of(answer.path()),
                                answer.version(),
                                answer.minor(),
                                Path.of(answer.prefix()),
                                answer.platform()))
                : Optional.empty();
    }

    private static List<Path> onPath() {
        return Stream.of(Env.get("PATH", "/usr/bin").split(":"))
                .filter(folder -> folder.startsWith("/"))
                .map(Path::of)
                .distinct()
                .toList();
    }

    private static List<Path> executables(Path folder) {
        return list(folder).stream()
                .filter(path -> EXECUTABLE.matcher(name(path)).matches())
                .filter(Files::isExecutable)
                .toList();
    }

    /// The `bin` folders of installations that are named by version.
    private static List<Path> newestFirst(Path installations) {
        return list(installations).stream()
                .sorted(Comparator.comparing(Interpreters::versionKey).reversed())
                .map(version -> version.resolve("bin"))
                .toList();
    }

    private static String versionKey(Path installation) {
        return Pattern.compile("\\d+")
                .matcher(name(installation))
                .replaceAll(digits -> "%8s".formatted(digits.group()));
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String name(Path path) {
        @Nullable Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }
}
