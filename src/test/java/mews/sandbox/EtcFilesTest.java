package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import mews.sandbox.SandboxSpec.Reach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcFilesTest {
    @TempDir private Path folder;

    @Test
    void namesOfTheSpecComeFirstAndNoneBreaksALine() throws IOException {
        EtcFiles.write(
                folder,
                spec(Map.of("api.example.com", "127.0.0.1", "bad\n6.6.6.6 pypi.org", "127.0.0.1")),
                1000,
                List.of());

        assertThat(folder.resolve("hosts"))
                .hasContent(
                        "127.0.0.1 api.example.com\n127.0.0.1 localhost probe\n::1 localhost\n");
        assertThat(folder.resolve("resolv.conf")).isEmptyFile();
    }

    private static SandboxSpec spec(Map<String, String> hosts) {
        return new SandboxSpec(
                "probe",
                List.of("true"),
                Map.of(),
                "/tmp",
                List.of(),
                Network.PROXY,
                Limits.NONE,
                "",
                hosts,
                Reach.NOTHING_MORE);
    }
}
