package mews.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import mews.project.CheckReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
final class CheckCommand implements Callable<Integer> {
    @Option(
            names = {"-C", "--directory"},
            paramLabel = "DIR",
            description = "Look from this folder upwards (default: here).")
    Path directory = Path.of("");

    @Option(names = "--json", description = "Print the apps and the problems as JSON.")
    boolean json;

    @Parameters(
            arity = "0..1",
            paramLabel = "APP",
            description = "A key of [tool.fal.apps] (default: all).")
    @Nullable String app;

    @Override
    public Integer call() {
        CheckReport report = CheckReport.check(directory.toAbsolutePath().normalize(), app);
        Terminal terminal = Terminal.ofProcess();
        if (json) {
            terminal.err().print(report.humanProblems());
            terminal.result(report.json().stripTrailing());
        } else if (report.ok()) {
            terminal.result(report.human().stripTrailing());
        } else {
            terminal.say(report.human().stripTrailing());
        }
        return report.exitCode();
    }
}
