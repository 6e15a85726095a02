package mews.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import mews.base.Home;
import mews.model.Image;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostIT {
    private final Interpreters interpreters = Interpreters.ofHost();

    @Test
    void findsAnInterpreterByItsMinorVersion() {
        var any = interpreters.all().getFirst();

        var found = interpreters.find(any.minor()).orElseThrow();

        assertThat(found.minor()).isEqualTo(any.minor());
        assertThat(Command.run(Duration.ofSeconds(20), found.path().toString(), "--version").out())
                .contains(found.version());
    }

    @Test
    void saysWhichInterpretersThereAre() {
        assertThatThrownBy(() -> interpreters.require("3.99"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("no Python 3.99")
                .hasMessageContaining(interpreters.all().getFirst().minor());
    }

    @Test
    void fetchesUvOnce(@TempDir Path tools) {
        var uv = new Uv(interpreters);

        Path binary = uv.ensure(tools);

        assertThat(Command.run(Duration.ofSeconds(20), binary.toString(), "--version").out())
                .contains(Uv.VERSION);
        assertThat(uv.ensure(tools)).isEqualTo(binary);
        assertThat(tools.toFile().list()).containsExactly("uv-" + Uv.VERSION);
    }

    @Test
    void aMissingPipIsTold(@TempDir Path tools) {
        assertThatThrownBy(() -> new Uv(new Interpreters(List.of())).ensure(tools))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("no Python on this host");
    }

    @Test
    void anImageRunsAnInterpreterWithoutTheHostsPackages(@TempDir Path root) {
        var layout = new EnvironmentLayout(new Home(root, root), interpreters);
        var minor = interpreters.all().getFirst().minor();
        var image = new Image("key", minor, List.of("b", "a"));

        var asked =
                Command.run(
                        Duration.ofSeconds(20),
                        layout.interpreter(image).toString(),
                        "-c",
                        "import sys; print([p for p in sys.path if p.endswith('-packages')], sys.prefix)");

        assertThat(asked.out()).contains(root.toString());
        assertThat(layout.pythonPath(image))
                .containsExactly(root.resolve("layers/b/site"), root.resolve("layers/a/site"));
        assertThat(layout.visible(image)).contains(root.resolve("layers/a"));
        assertThat(layout.support(minor)).isEmpty();
    }

    @Test
    void theDoctorTriesEverything(@TempDir Path root) {
        var home = new Home(root, root);

        var probes = new Doctor(home, interpreters, new Uv(interpreters)).examine();

        assertThat(probes)
                .extracting(Probe::name)
                .contains("jdk", "python", "uv", "bubblewrap", "cgroups", "disk", "ports");
        assertThat(probes)
                .allSatisfy(probe -> assertThat(probe.remedy().isEmpty()).isEqualTo(probe.ok()));
        assertThat(Files.isExecutable(root.resolve("tools/uv-" + Uv.VERSION + "/bin/uv"))).isTrue();
    }
}
