package mews.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import mews.project.CheckReport;
import mews.project.Loader;
import mews.project.ProjectApp;
import mews.project.SdkHosts;
import org.jspecify.annotations.Nullable;

/// Which app a command is about: `file.py::Symbol`, `file.py`, or a key of the project file.
/// protocol: control 3.1
///
/// @param app of the project file; null for a file named directly
record AppChoice(String text, Path folder, @Nullable ProjectApp app) {
    private static final String PYTHON = ".py";

    /// @param given null to take the only one there is
    /// @throws Failure with all problems of the project file
    static AppChoice of(@Nullable String given, Path folder, Terminal terminal) throws IOException {
        String text = given == null ? onlyOne(folder) : given;
        if (text.contains("::") || text.endsWith(PYTHON)) {
            return new AppChoice(text, folder, null);
        }
        CheckReport report = CheckReport.check(folder, text);
        if (!report.ok()) {
            throw new Failure(Failure.BAD_INPUT, report.human().stripTrailing());
        }
        terminal.err().print(report.humanProblems());
        return new AppChoice(text, folder, report.apps().get(text));
    }

    /// The project's only app, else the folder's only Python file.
    private static String onlyOne(Path folder) throws IOException {
        CheckReport report = CheckReport.check(folder, null);
        if (report.file() != null) {
            if (report.apps().size() == 1 && report.ok()) {
                return report.apps().keySet().iterator().next();
            }
            throw report.ok()
                    ? Failure.badInput(
                            "which app? %s has: %s",
                            report.file(), String.join(", ", report.apps().keySet()))
                    : new Failure(Failure.BAD_INPUT, report.human().stripTrailing());
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<String> python =
                    files.map(file -> String.valueOf(file.getFileName()))
                            .filter(name -> name.endsWith(PYTHON))
                            .sorted()
                            .toList();
            if (python.size() == 1) {
                return python.getFirst();
            }
            throw Failure.badInput(
                    "which app? Name one as file.py::Class; %s has %s",
                    folder,
                    python.isEmpty()
                            ? "no Python file"
                            : "these files: " + String.join(", ", python));
        }
    }

    Loader.Request request(SdkHosts hosts) {
        return app == null
                ? Loader.Request.of(text, folder, hosts)
                : Loader.Request.of(app, folder, hosts);
    }

    /// The team that the project file names.
    @Nullable String team() {
        return app == null ? null : app.deployment().team();
    }
}
