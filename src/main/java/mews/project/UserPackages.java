package mews.project;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import mews.base.Env;
import mews.host.Interpreter;
import org.jspecify.annotations.Nullable;

/// The packages that a user's file may import while it is loaded, behind the tool's own: those of
/// the active and the project's virtual environments of the same Python, else those that the
/// interpreter has itself.
///
/// @param folders site-packages, in order
/// @param said which environment that is, for the error about a missing one
record UserPackages(List<Path> folders, String said) {
    static UserPackages of(Interpreter interpreter, List<Path> projectFolders) {
        Set<Path> environments = new LinkedHashSet<>();
        @Nullable String active = Env.get("VIRTUAL_ENV");
        if (active != null) {
            environments.add(Path.of(active));
        }
        for (Path folder : projectFolders) {
            environments.add(folder.resolve(".venv"));
            environments.add(folder.resolve("venv"));
        }
        List<Path> folders = new ArrayList<>();
        List<String> said = new ArrayList<>();
        for (Path environment : environments) {
            Path packages =
                    environment.resolve("lib/python" + interpreter.minor() + "/site-packages");
            if (Files.isDirectory(packages)) {
                folders.add(packages);
                said.add("looked in " + environment);
            } else if (Files.exists(environment.resolve("pyvenv.cfg"))) {
                said.add(environment + " is not of Python " + interpreter.minor());
            }
        }
        if (folders.isEmpty()) {
            folders.addAll(ownOf(interpreter));
            said.add("looked in " + interpreter.path());
        }
        return new UserPackages(List.copyOf(folders), String.join(", ", said));
    }

    private static List<Path> ownOf(Interpreter interpreter) {
        String minor = "python" + interpreter.minor();
        return List.of(
                        Path.of(
                                System.getProperty("user.home"),
                                ".local/lib",
                                minor,
                                "site-packages"),
                        interpreter.prefix().resolve("lib/" + minor + "/site-packages"),
                        interpreter.prefix().resolve("local/lib/" + minor + "/dist-packages"),
                        interpreter.prefix().resolve("lib/python3/dist-packages"))
                .stream()
                .filter(Files::isDirectory)
                .toList();
    }
}
