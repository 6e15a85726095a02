package mews.cli;

import mews.base.Env;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command line: finds the command, runs it, and turns what goes wrong into one message and an
/// exit code (0 done, 1 failed, 2 bad input, 130 interrupted).
@Command(
        name = "mews",
        description = "Runs and deploys fal apps on your own machines.",
        version = "mews 0.1.0",
        sortOptions = false,
        scope = CommandLine.ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class MewsCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    private MewsCommand() {}

    /// @param args the words behind `mews`
    /// @return the exit code
    public static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new MewsCommand())
                .setCommandName(System.getProperty("mews.program", "mews"))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(MewsCommand::tell)
                .setParameterExceptionHandler(MewsCommand::tellMisuse);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    private static int tell(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        if (Env.get("MEWS_DEBUG") != null) {
            e.printStackTrace(command.getErr());
        }
        return Problems.tell(e, command.getErr());
    }

    private static int tellMisuse(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr().println(name(command) + ": " + e.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr())) {
            command.getErr().println("See '" + name(command) + " --help'.");
        }
        return Failure.BAD_INPUT;
    }

    private static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName();
    }
}
