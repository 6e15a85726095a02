package mews.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import mews.base.Env;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line: finds the command, runs it, and turns what goes wrong into one message and an
/// exit code (0 done, 1 failed, 2 bad input, 130 interrupted).
public final class MewsCommand {
    private static final String VERSION = "mews 0.1.0";

    private MewsCommand() {}

    /// @param server what `mews serve` runs
    /// @param args the words behind `mews`
    /// @return the exit code
    public static int run(Serve server, String... args) {
        Commands commands = Commands.with(server);
        Terminal terminal = Terminal.ofProcess();
        String first = args.length == 0 ? "" : args[0];
        switch (first) {
            case "-h", "--help", "help" -> terminal.result(commands.usage(Terminal.program()));
            case "-V", "--version" -> terminal.result(VERSION);
            default -> {
                Optional<Commands.Entry> entry = commands.find(first);
                if (entry.isEmpty()) {
                    terminal.say(unknown(commands, first));
                    return Failure.BAD_INPUT;
                }
                return commandLine(entry.get()).execute(Arrays.copyOfRange(args, 1, args.length));
            }
        }
        return 0;
    }

    static CommandLine commandLine(Commands.Entry entry) {
        CommandLine command =
                new CommandLine(entry.command().get())
                        .setCommandName(Terminal.program() + " " + entry.name())
                        .setColorScheme(
                                CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        // @file is ours to read: the value of --input.
                        .setExpandAtFiles(false)
                        .setExecutionExceptionHandler(MewsCommand::tell)
                        .setParameterExceptionHandler(MewsCommand::tellMisuse);
        command.getCommandSpec().usageMessage().description(entry.description());
        finish(command.getCommandSpec());
        return command;
    }

    private static void finish(CommandSpec spec) {
        spec.addOption(
                OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help.")
                        .build());
        spec.usageMessage().synopsisSubcommandLabel("COMMAND");
        spec.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .distinct()
                .forEach(MewsCommand::finish);
    }

    private static String unknown(Commands commands, String word) {
        String program = Terminal.program();
        if (word.isEmpty()) {
            return commands.usage(program);
        }
        String nearest =
                commands.names()
                        .filter(name -> name.startsWith(word) || word.startsWith(name))
                        .min(Comparator.comparing(String::length))
                        .map("; did you mean '%s'?"::formatted)
                        .orElse("");
        return "%s: unknown command '%s'%s%nSee '%s --help'."
                .formatted(program, word, nearest, program);
    }

    private static int tell(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        if (Interruption.happened()) {
            return Failure.INTERRUPTED;
        }
        if (Env.get("MEWS_DEBUG") != null) {
            e.printStackTrace(command.getErr());
        }
        return Problems.tell(e, command.getErr());
    }

    private static int tellMisuse(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        err.println(name + ": " + e.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(e, err)) {
            err.println("See '" + name + " --help'.");
        }
        return Failure.BAD_INPUT;
    }
}
