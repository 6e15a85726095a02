package mews.project;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import org.jspecify.annotations.Nullable;

/// What `mews check` says about a project file.
///
/// @param file absent: none was found
/// @param apps the sound ones, by key
/// @param problems of the asked app and of the file as a whole, in the order of the file
public record CheckReport(
        @Nullable Path file, Map<String, ProjectApp> apps, List<Problem> problems) {
    /// Checks the file that speaks for a folder.
    ///
    /// @param app key of the one app to check; absent: all
    public static CheckReport check(Path dir, @Nullable String app) {
        if (!Files.isDirectory(dir)) {
            Problem problem = problem("not_found", "no folder at " + dir.toAbsolutePath(), null);
            return new CheckReport(null, Map.of(), List.of(problem));
        }
        Path file = ProjectFile.find(dir).orElse(null);
        if (file == null) {
            return new CheckReport(null, Map.of(), List.of(noFile(dir)));
        }
        ProjectFile project = ProjectFile.read(file);
        if (app == null) {
            return new CheckReport(file, inOrder(project), project.problems());
        }
        if (!project.keys().contains(app)) {
            return unknown(project, app);
        }
        ProjectApp found = project.apps().get(app);
        List<Problem> its =
                project.problems().stream()
                        .filter(problem -> problem.app() == null || app.equals(problem.app()))
                        .toList();
        return new CheckReport(file, found == null ? Map.of() : Map.of(app, found), its);
    }

    private static Map<String, ProjectApp> inOrder(ProjectFile project) {
        Map<String, ProjectApp> apps = new LinkedHashMap<>();
        for (String key : project.keys()) {
            ProjectApp app = project.apps().get(key);
            if (app != null) {
                apps.put(key, app);
            }
        }
        return apps;
    }

    private static CheckReport unknown(ProjectFile project, String app) {
        List<Problem> problems = new ArrayList<>(project.problems());
        problems.removeIf(problem -> problem.app() != null);
        String have =
                project.keys().isEmpty()
                        ? "it has no app"
                        : "its apps are: " + String.join(", ", project.keys());
        problems.add(
                problem(
                        "not_found",
                        "no app '%s' in %s; %s".formatted(app, project.path(), have),
                        Nearest.to(app, project.keys())
                                .map(near -> "did you mean '" + near + "'?")
                                .orElse(null)));
        return new CheckReport(project.path(), Map.of(), problems);
    }

    private static Problem noFile(Path dir) {
        return problem(
                "not_found",
                "no project file: neither %s nor a folder above it has a pyproject.toml with"
                                .formatted(dir.toAbsolutePath().normalize())
                        + " [tool.fal], up to the first folder with .git",
                "add [tool.fal.apps] to a pyproject.toml, or name a file: mews run app.py::MyApp");
    }

    private static Problem problem(String code, String message, @Nullable String suggestion) {
        return new Problem(Problem.Severity.ERROR, code, null, 1, 1, message, suggestion);
    }

    public boolean ok() {
        return problems.stream().noneMatch(Problem::isError);
    }

    /// 0, or 2 for bad input.
    public int exitCode() {
        return ok() ? 0 : 2;
    }

    /// One JSON document: `ok`, `file`, `apps` in normal form by key, `problems` with `at`.
    public String json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ok", ok());
        json.put("file", file == null ? null : file.toString());
        Map<String, Object> normal = new LinkedHashMap<>();
        apps.forEach((key, app) -> normal.put(key, AppJson.of(app)));
        json.put("apps", normal);
        json.put("problems", problems.stream().map(Problem::json).toList());
        return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    }

    /// The problems, one line each; for standard error.
    public String humanProblems() {
        StringBuilder text = new StringBuilder();
        problems.forEach(problem -> text.append(problem.human()).append('\n'));
        return text.toString();
    }

    /// The problems, then what was found sound, for people.
    public String human() {
        StringBuilder text = new StringBuilder(humanProblems());
        long errors = problems.stream().filter(Problem::isError).count();
        if (errors > 0) {
            return text.append(errors == 1 ? "1 error" : errors + " errors")
                    .append(file == null ? "" : " in " + file)
                    .append('\n')
                    .toString();
        }
        text.append("%s: %d app%s%n".formatted(file, apps.size(), apps.size() == 1 ? "" : "s"));
        apps.forEach((key, app) -> text.append("  ").append(AppJson.line(app)).append('\n'));
        return text.toString();
    }
}
