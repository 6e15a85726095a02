package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import mews.fleet.RunnerShell.Said;
import mews.fleet.RunnerShell.Size;
import mews.fleet.RunnerShell.Wish;
import org.jspecify.annotations.Nullable;

/// What holds for a command in a runner of any kind.
final class ShellChecks {
    private static final String CONFINEMENT =
            """
            for process in self 2; do
                grep -E '^(Uid|Gid|Groups|CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/$process/status
                cat /proc/$process/cgroup
                for kind in net ipc uts cgroup pid mnt user; do
                    [ /proc/$process/ns/$kind -ef /proc/2/ns/$kind ] && echo same $kind
                done
                echo --
            done
            """;

    /// What a command said and its exit code.
    record Ended(String out, String err, int code) {}

    private ShellChecks() {}

    static Ended run(FleetFixture host, UUID runner, String script) {
        try (RunnerShell shell = open(host, runner, script, null)) {
            return end(shell);
        }
    }

    /// It is no more and no less confined than the app itself.
    static void isWhereTheAppIs(FleetFixture host, UUID runner) {
        Ended ended = run(host, runner, CONFINEMENT);

        assertThat(ended.err()).isEmpty();
        String[] both = ended.out().split("--\n");
        assertThat(both).hasSize(2);
        assertThat(both[0])
                .contains("NoNewPrivs:\t1", "Seccomp:\t2", "same mnt", "same user")
                .isEqualTo(both[1]);
    }

    static void tellsStreamsAndExitCodesApart(FleetFixture host, UUID runner) {
        assertThat(run(host, runner, "echo out; echo err >&2; echo $FAL_JOB_ID; exit 7"))
                .isEqualTo(new Ended("out\n" + runner + "\n", "err\n", 7));
        assertThat(run(host, runner, "kill -9 $$").code()).isEqualTo(137);
        try (RunnerShell shell =
                host.fleet.shell(runner, new Wish(List.of("no-such-program"), null))) {
            Ended ended = end(shell);
            assertThat(ended.code()).isEqualTo(127);
            assertThat(ended.err()).contains("no-such-program: No such file");
        }
    }

    static void takesInputUntilItsEnd(FleetFixture host, UUID runner) throws IOException {
        byte[] much = "0123456789".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        try (RunnerShell shell = open(host, runner, "sleep 0.2; wc -c; echo done", null)) {
            shell.type(much);
            shell.endInput();
            assertThat(end(shell)).isEqualTo(new Ended("1000000\ndone\n", "", 0));
        }
    }

    static void givesATerminal(FleetFixture host, UUID runner) throws IOException {
        String script = "[ -t 0 ] && [ -t 2 ] && echo asks; read word; echo heard $word; exit 3";
        try (RunnerShell shell = open(host, runner, script, new Size(24, 80))) {
            until(shell, "asks");
            shell.type("hello\r".getBytes(StandardCharsets.UTF_8));
            Ended ended = end(shell);

            assertThat(ended.out()).contains("hello\r\nheard hello\r\n");
            assertThat(ended.code()).isEqualTo(3);
        }
    }

    static void givesATerminalThatIsResized(FleetFixture host, UUID runner) throws IOException {
        String script =
                "trap 'stty size; exit 3' WINCH; tty; stty size; while :; do sleep 0.05; done";
        try (RunnerShell shell = open(host, runner, script, new Size(33, 99))) {
            String said = until(shell, "33 99");
            shell.resize(new Size(40, 120));
            Ended ended = end(shell);

            assertThat(said).contains("/dev/pts/");
            assertThat(ended.out()).contains("40 120");
            assertThat(ended.code()).isEqualTo(3);
        }
    }

    static void isEndedWithItsTerminal(FleetFixture host, UUID runner) throws IOException {
        try (RunnerShell shell = host.fleet.shell(runner, new Wish(List.of(), new Size(24, 80)))) {
            shell.type("echo $((40 + 2)) && exec sleep 12345\n".getBytes(StandardCharsets.UTF_8));
            until(shell, "42");
        }
        await().until(
                        () -> run(host, runner, "cat /proc/[0-9]*/cmdline").out(),
                        said -> !said.contains("12345"));
    }

    private static RunnerShell open(
            FleetFixture host, UUID runner, String script, @Nullable Size terminal) {
        return host.fleet.shell(runner, new Wish(List.of("/bin/sh", "-c", script), terminal));
    }

    private static String until(RunnerShell shell, String expected) {
        StringBuilder out = new StringBuilder();
        while (out.indexOf(expected) < 0) {
            if (!(shell.next() instanceof Said.Output(byte[] data, boolean error))) {
                throw new AssertionError("ended before it said '%s': %s".formatted(expected, out));
            }
            out.append(new String(data, StandardCharsets.UTF_8));
        }
        return out.toString();
    }

    private static Ended end(RunnerShell shell) {
        StringBuilder out = new StringBuilder();
        StringBuilder err = new StringBuilder();
        while (true) {
            switch (shell.next()) {
                case Said.Output(byte[] data, boolean error) ->
                        (error ? err : out).append(new String(data, StandardCharsets.UTF_8));
                case Said.Ended(int code) -> {
                    return new Ended(out.toString(), err.toString(), code);
                }
                case Said.Failed(String reason) -> throw new AssertionError(reason);
            }
        }
    }
}
