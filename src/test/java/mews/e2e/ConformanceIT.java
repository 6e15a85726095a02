package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// fal's own command line and SDK against a server, over TLS: the program in `conformance/`, whose
/// table ends up in `target/conformance.txt`. It takes minutes, so it belongs to the long run.
@EnabledIfSystemProperty(named = "mews.long", matches = "true")
class ConformanceIT {
    @TempDir Path folder;

    @Test
    void theOfficialClientsWorkUnmodified() throws IOException {
        try (var served = new Served(folder)) {
            Shell.Ran ran =
                    served.shell.run(
                            "python3", Shell.CHECKOUT.resolve("conformance/run.py").toString());
            Files.writeString(Shell.CHECKOUT.resolve("target/conformance.txt"), ran.out());

            assertThat(ran.exitCode()).as("%s%n%s", ran.out(), ran.err()).isZero();
        }
    }
}
