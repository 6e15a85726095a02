package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// fal's own command, of the SDK that Mews has fetched to evaluate apps, as a person uses it who
/// follows `mews env`.
///
/// @param sdk its site-packages
record OfficialCommand(Path sdk) {
    /// @param folder of the shell; something was evaluated in it before
    static OfficialCommand of(Shell shell, Path folder) {
        assertThat(shell.mews("env").succeeded().out()).contains("FAL_GRPC_HOST");
        try (Stream<Path> tools = Files.list(folder.resolve("home/tools"))) {
            return new OfficialCommand(
                    tools.filter(tool -> String.valueOf(tool.getFileName()).startsWith("fal-"))
                            .filter(Files::isDirectory)
                            .findFirst()
                            .orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param command words without quotes, such as `deploy hello`
    Shell.Ran run(Shell shell, String command) {
        return shell.run(
                "sh",
                "-c",
                "eval \"$('%s/mews' env)\" && exec python3 -I -S -c \"$0\" %s"
                        .formatted(Shell.CHECKOUT, command),
                "import site, sys; site.addsitedir('%s'); from fal.cli import main; sys.exit(main())"
                        .formatted(sdk));
    }
}
