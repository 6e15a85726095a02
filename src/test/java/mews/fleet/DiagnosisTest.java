package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import mews.model.MachineKind;
import mews.model.MachineType;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import mews.sandbox.SandboxProcess.Exit;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
    private static final MachineType XS =
            new MachineType("XS", MachineKind.CPU, 500, 512_000_000, 0);

    @Test
    void namesTheLimitThatAnAppWasKilledFor() {
        StopReason reason = Diagnosis.of(null, new Exit(137, true), true, XS, "");

        assertThat(reason.code()).isEqualTo(Code.OUT_OF_MEMORY);
        assertThat(reason.detail()).contains("'XS'", "512 MB", "machine_type");
    }

    @Test
    void memoryExplainsAFailedSetup() {
        StopReason setup = new StopReason(Code.SETUP_FAILED, "setup() failed: Killed");

        assertThat(Diagnosis.of(setup, new Exit(1, true), false, XS, "").code())
                .isEqualTo(Code.OUT_OF_MEMORY);
    }

    @Test
    void theEndOfAProcessExplainsTheCallThatItBroke() {
        StopReason broken = new StopReason(Code.REQUEST_FAILED, "the runner closed the connection");

        assertThat(Diagnosis.of(broken, new Exit(137, true), true, XS, "").code())
                .isEqualTo(Code.OUT_OF_MEMORY);
        assertThat(Diagnosis.of(broken, new Exit(139, false), true, XS, "").detail())
                .isEqualTo("the app was killed by SIGSEGV while it was serving");
    }

    @Test
    void aRunnerEndedForABrokenCallSaysSo() {
        StopReason broken = new StopReason(Code.REQUEST_FAILED, "it took longer than 5 s");

        assertThat(List.of(0, 137, 143))
                .allSatisfy(code ->
                        assertThat(Diagnosis.of(broken, new Exit(code, false), true, XS, ""))
                                .isEqualTo(broken));
    }

    @Test
    void whatWasAskedForStaysTheReason() {
        StopReason idle = StopReason.of(Code.IDLE);

        assertThat(Diagnosis.of(idle, new Exit(137, true), true, XS, "")).isEqualTo(idle);
        assertThat(Diagnosis.of(idle, new Exit(143, false), true, XS, "")).isEqualTo(idle);
    }

    @Test
    void tellsCodeMomentAndLastWordsOfAnExit() {
        StopReason reason =
                Diagnosis.of(null, new Exit(3, false), false, XS, "cannot find model.bin");

        assertThat(reason.code()).isEqualTo(Code.EXITED);
        assertThat(reason.detail())
                .isEqualTo(
                        "the app ended with exit code 3 before it was ready; its last line was: cannot find model.bin");
    }

    @Test
    void namesTheSignal() {
        assertThat(Diagnosis.of(null, new Exit(139, false), true, XS, "").detail())
                .isEqualTo("the app was killed by SIGSEGV while it was serving");
    }
}
