package mews.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MewsCommandTest {
    @Test
    void listsItsCommands() {
        Ran ran = Ran.command("--help");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("Usage: mews COMMAND").contains("  deploy ", "  doctor ");
        assertThat(ran.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "deploy",
                "check",
                "call",
                "apps",
                "logs",
                "runners",
                "keys",
                "secrets",
                "environments",
                "envs",
                "env",
                "doctor",
                "serve"
            })
    void eachCommandHasHelp(String command) {
        Ran ran = Ran.command(command, "--help");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).startsWith("Usage: mews ");
    }

    @Test
    void saysWhichCommandMayBeMeant() {
        Ran ran = Ran.command("secret");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("unknown command 'secret'; did you mean 'secrets'?");
    }

    @Test
    void refusesAnUnknownOption() {
        Ran ran = Ran.command("keys", "create", "--scop", "API");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--scop").contains("--scope");
    }

    @Test
    void aGroupAloneIsBadInput() {
        assertThat(Ran.command("apps").exitCode()).isEqualTo(2);
    }

    @Test
    void aServerThatIsNotThereIsToldInOneLine() {
        Ran ran = Ran.command("keys", "list", "--server", "http://127.0.0.1:1");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).startsWith("mews: the server cannot be reached").hasLineCount(1);
    }

    @Test
    void anAddressThatIsNoneIsBadInput() {
        Ran ran = Ran.command("keys", "list", "--server", "127.0.0.1:8787/somewhere");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("'127.0.0.1:8787/somewhere' is no server address");
    }
}
