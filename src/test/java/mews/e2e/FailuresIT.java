package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What goes wrong in an app is told in one message that names the cause, and leaves nothing
/// behind.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailuresIT {
    @TempDir static Path folder;
    private Served served;

    @BeforeAll
    void serve() {
        served = new Served(folder);
    }

    @AfterAll
    void stop() {
        served.close();
    }

    /// Runs an app with one request and expects it to fail.
    ///
    /// @param body of the class `Failing`
    /// @return the message
    private String failure(int exitCode, String body) {
        Path app =
                Shell.write(
                        folder.resolve("apps/app.py"),
                        "import fal\n\n\nclass Failing(fal.App):\n" + body.indent(4));
        Shell.Ran ran = served.shell.mews("run", app + "::Failing", "--input", "{}");
        assertThat(ran.exitCode()).as("%s", ran.err()).isEqualTo(exitCode);
        assertThat(ran.out()).isEmpty();
        served.awaitNoRunners();
        return ran.err().substring(ran.err().indexOf("\nmews: ") + 1);
    }

    private static String endpoint(String code) {
        return "@fal.endpoint(\"/\")\ndef answer(self) -> dict:\n" + code.indent(4);
    }

    @Test
    void aSyntaxError() {
        assertThat(failure(2, "def setup(self)\n    pass\n"))
                .startsWith("mews: ")
                .contains("app.py:5")
                .contains("expected ':'");
    }

    @Test
    void requirementsThatCannotBeResolved() {
        assertThat(failure(1, "requirements = [\"tabulate==99.0\"]\n" + endpoint("return {}")))
                .contains("app 'failing'")
                .contains("no version of tabulate==99.0");
    }

    @Test
    void aWheelThatDoesNotExist() {
        String url = "http://127.0.0.1:9/nothing-1.0-py3-none-any.whl";
        assertThat(failure(1, "requirements = [\"" + url + "\"]\n" + endpoint("return {}")))
                .contains("nothing-1.0-py3-none-any.whl");
    }

    @Test
    void aSetupThatRaises() {
        assertThat(
                        failure(
                                1,
                                "def setup(self):\n    raise ValueError(\"no weights here\")\n\n"
                                        + endpoint("return {}")))
                .contains("setup() failed: ValueError: no weights here");
    }

    @Test
    void aSetupThatNeverReturns() {
        assertThat(
                        failure(
                                1,
                                "startup_timeout = 5\n\ndef setup(self):\n    import time\n\n    time.sleep(600)\n\n"
                                        + endpoint("return {}")))
                .contains("5 s")
                .containsIgnoringCase("start");
    }

    @Test
    void anAppThatExits() {
        assertThat(
                        failure(
                                1,
                                "def setup(self):\n    import os\n\n    os._exit(3)\n\n"
                                        + endpoint("return {}")))
                .contains("exit code 3");
    }

    @Test
    void anAppThatEatsMemory() {
        assertThat(
                        failure(
                                1,
                                "machine_type = \"XS\"\n\n"
                                        + endpoint(
                                                "eaten = [bytes([1]) * 50_000_000 for _ in range(60)]\nreturn {\"n\": len(eaten)}")))
                .contains("memory");
    }

    @Test
    void anEndpointThatRaises() {
        assertThat(failure(1, endpoint("raise RuntimeError(\"boom\")")))
                .contains("500")
                .contains("Internal Server Error");
    }

    @Test
    void anAppThatIgnoresSigterm() {
        Path app =
                Shell.write(
                        folder.resolve("stubborn/app.py"),
                        """
                        import fal


                        class Stubborn(fal.App):
                            termination_grace_period_seconds = 2

                            def setup(self):
                                import subprocess

                                subprocess.Popen(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"])

                            @fal.endpoint("/")
                            def answer(self) -> dict:
                                return {"up": True}
                        """);

        served.shell.mews("run", app + "::Stubborn", "--input", "{}").succeeded();

        served.awaitNoRunners();
    }
}
