package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.UUID;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.Test;

/// What is told of runners that fail.
interface FailingRunners {
    @Test
    default void aSetupThatRaisesIsToldWithItsCause() {
        StopReason reason = FleetIT.host.end(FleetIT.host.start(Wish.app("Broken")));

        assertThat(reason)
                .isEqualTo(
                        new StopReason(
                                Code.SETUP_FAILED, "setup() failed: RuntimeError: no weights"));
        assertThat(FleetIT.host.logs.messages()).anyMatch(line -> line.contains("in setup"));
    }

    @Test
    default void aSetupThatNeverReturnsIsStoppedAtItsTimeout() {
        StopReason reason =
                FleetIT.host.end(
                        FleetIT.host.start(
                                Wish.app("Slow")
                                        .startup(Duration.ofSeconds(8))
                                        .grace(Duration.ofMillis(200))));

        assertThat(reason.code()).isEqualTo(Code.STARTUP_TIMEOUT);
        assertThat(reason.detail()).contains("startup_timeout (8 s)", "'setup'");
    }

    @Test
    default void anAppThatExitsIsToldWithItsCodeAndLastWords() {
        StopReason reason = FleetIT.host.end(FleetIT.host.start(Wish.app("Leaves")));

        assertThat(reason.code()).isEqualTo(Code.EXITED);
        assertThat(reason.detail()).contains("exit code 3 before it was ready", "I leave");
    }

    @Test
    default void anAppThatCrashesWhileServingIsTold() {
        UUID id = FleetIT.host.start(Wish.app("Hello"));
        RunnerView runner = FleetIT.host.ready(id);

        FleetIT.host.raw(runner, "POST", "/crash", "{}", "");

        StopReason reason = FleetIT.host.end(id);
        assertThat(reason.code()).isEqualTo(Code.EXITED);
        assertThat(reason.detail()).contains("exit code 9 while it was serving");
    }

    @Test
    default void anAppThatEatsMemoryIsToldItsLimit() {
        StopReason reason =
                FleetIT.host.end(FleetIT.host.start(Wish.app("Eats").machine(FleetFixture.SMALL)));

        assertThat(reason.code()).isEqualTo(Code.OUT_OF_MEMORY);
        assertThat(reason.detail()).contains("'XS'", "300 MB");
    }

    @Test
    default void aMissingModuleIsToldByName() {
        StopReason reason =
                FleetIT.host.end(
                        FleetIT.host.start(
                                new Wish(
                                        new mews.model.Callable.EntryPoint(
                                                "no_such_module:App.run_local"))));

        assertThat(reason.code()).isEqualTo(Code.SETUP_FAILED);
        assertThat(reason.detail()).contains("No module named 'no_such_module'");
    }

    @Test
    default void anAppCannotSendTheServerToAnotherSocket() {
        assumeTrue(FleetIT.host.sandbox.separateFiles());

        StopReason reason = FleetIT.host.end(FleetIT.host.start(Wish.app("Redirects")));

        assertThat(reason.code()).isEqualTo(Code.SETUP_FAILED);
        assertThat(reason.detail()).contains("app.sock is not a socket");
    }
}
