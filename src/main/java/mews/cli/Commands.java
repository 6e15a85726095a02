package mews.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What there is behind `mews`. Only the command that was asked for is made: reading the
/// annotations of all of them takes longer than the JVM takes to start.
record Commands(List<Entry> entries) {
    /// @param name as typed; fal's other names for it in `aliases`
    /// @param description a line for the list and for the command's own help
    record Entry(String name, List<String> aliases, String description, Supplier<Object> command) {
        boolean answersTo(String word) {
            return name.equals(word) || aliases.contains(word);
        }
    }

    static Commands with(Serve server) {
        return new Commands(
                List.of(
                        entry("run", "Runs an app for as long as you wish.", RunCommand::new),
                        entry("deploy", "Deploys an app, to stay.", DeployCommand::new),
                        entry(
                                "serve",
                                "Runs the server until it is told to stop.",
                                () -> new ServeCommand(server)),
                        entry(
                                "check",
                                "Checks a project file, all problems at once, without a server.",
                                CheckCommand::new),
                        entry("call", "Calls an app and prints what it answers.", CallCommand::new),
                        entry("logs", "Shows what an app's runners said.", LogsCommand::new),
                        entry(
                                "apps",
                                "Lists, scales, compares, rolls out and deletes deployed apps.",
                                AppsCommand::new),
                        entry(
                                "runners",
                                "Lists, stops and kills runners, and shows what they said.",
                                RunnersCommand::new),
                        entry(
                                "explain",
                                "Tells where a request spent its life.",
                                ExplainCommand::new),
                        entry(
                                "secrets",
                                "Sets, unsets and lists secrets; values are never shown.",
                                SecretsCommand::new),
                        entry(
                                "cache",
                                "Lists and prunes what builds keep on disk.",
                                CacheCommand::new),
                        entry("keys", "Creates, lists and revokes API keys.", KeysCommand::new),
                        entry(
                                "login",
                                "Logs fal's command line in, for its teams.",
                                LoginCommand::new),
                        entry("logout", "Ends that login.", LogoutCommand::new),
                        entry(
                                "users",
                                "Creates and lists users; for the server's first account.",
                                UsersCommand::new),
                        entry(
                                "teams",
                                "Creates and lists teams, and says who is in them.",
                                TeamsCommand::new),
                        new Entry(
                                "environments",
                                List.of("envs"),
                                "Creates, lists and deletes named environments.",
                                EnvironmentsCommand::new),
                        entry(
                                "env",
                                "Prints shell exports for fal's official clients.",
                                EnvCommand::new),
                        entry(
                                "ca",
                                "Makes, shows and tells how to trust the local certificate authority.",
                                CaCommand::new),
                        entry(
                                "hosts",
                                "Prints, and as root installs, the names of a server's domain.",
                                HostsCommand::new),
                        entry(
                                "doctor",
                                "Tries what this machine offers; says what to do about each no.",
                                DoctorCommand::new)));
    }

    private static Entry entry(String name, String description, Supplier<Object> command) {
        return new Entry(name, List.of(), description, command);
    }

    Optional<Entry> find(String word) {
        return entries.stream().filter(entry -> entry.answersTo(word)).findFirst();
    }

    Stream<String> names() {
        return entries.stream().map(Entry::name);
    }

    String usage(String program) {
        StringBuilder text = new StringBuilder();
        text.append("Usage: ").append(program).append(" COMMAND [OPTIONS]\n");
        text.append("Runs and deploys fal apps on your own machines.\n\n");
        for (Entry entry : entries) {
            text.append("  ").append(entry.name()).repeat(' ', 14 - entry.name().length());
            text.append(entry.description()).append('\n');
        }
        text.append("\n'").append(program).append(" COMMAND --help' tells a command's options.");
        return text.toString();
    }
}
