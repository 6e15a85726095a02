package mews.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import mews.model.Addresses;
import mews.model.MachineKind;
import mews.model.MachineType;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
    private static final ServerConfig DEFAULTS = parse("");

    @Test
    void theExampleDocumentsTheDefaults() throws IOException {
        ServerConfig example;
        try (InputStream file =
                Objects.requireNonNull(
                        ConfigFile.class.getResourceAsStream("/mews/mews.example.toml"))) {
            example = parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertThat(example.addresses()).isEqualTo(DEFAULTS.addresses());
        // Whoever writes addresses down means them.
        assertThat(example.server().anyPort()).isFalse();
        assertThat(DEFAULTS.server().anyPort()).isTrue();
        assertThat(example.server().drain()).isEqualTo(DEFAULTS.server().drain());
        assertThat(example)
                .usingRecursiveComparison()
                .ignoringFields("server.anyPort")
                .isEqualTo(DEFAULTS);
    }

    @Test
    void whatTheExampleOnlyShowsIsValidToo() throws IOException {
        String shown;
        try (InputStream file =
                Objects.requireNonNull(
                        ConfigFile.class.getResourceAsStream("/mews/mews.example.toml"))) {
            shown = new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
        String asWritten =
                shown.replaceAll("(?m)^(listen = \\[\\]|url = \"\"|allow_networks = \\[\\])$", "")
                        .replaceAll("(?m)^# (\"|listen =|url =|allow_networks =)", "$1");
        ServerConfig config = parse(asWritten);
        assertThat(config.machines()).containsOnlyKeys("GPU-H100", "GPU-A100");
        assertThat(config.server().listen()).hasSize(1);
        assertThat(config.urls().run()).isEqualTo("https://run.example.org");
        assertThat(config.sql().url())
                .isEqualTo(
                        "jdbc:postgresql://db.example.org:5432/mews?user=mews&password=password");
    }

    @Test
    void aFileThatIsNotThereHasAllDefaults(@TempDir Path folder) {
        assertThat(ConfigFile.read(folder.resolve("none.toml"), null)).isEqualTo(DEFAULTS);
    }

    @Test
    void tellsAllProblemsAtOnceWithTheirPlaces() {
        assertThatThrownBy(() ->
                        parse(
                                """
                                [logs]
                                retention_days = 0
                                retension_days = 3
                                [sandbx]
                                [machines]
                                big = "4 cores"
                                [addresses]
                                "127.0.0.1:1" = "contrl"
                                """))
                .isInstanceOf(Refusal.class)
                .hasMessage(
                        """
                        mews.toml:1:1: addresses needs one authority that serves 'control'
                        mews.toml:2:1: logs.retention_days must be a whole number from 1 to 3650, got 0
                        mews.toml:3:1: logs has no setting 'retension_days'; did you mean 'retention_days'?
                        mews.toml:4:1: there is no section 'sandbx'; did you mean 'sandbox'?
                        mews.toml:6:1: machines."big" must look like 'cpu:2,4GB' or 'gpu:1,cpu:8,64GB', got '4 cores'
                        mews.toml:8:1: addresses."127.0.0.1:1" must be one of control, queue, run, ws, got 'contrl'\
                        """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    [logs]\\nretention_days = "30"      | 2:1 | got '30'
                    [sql]\\nconnections = 1000          | 2:1 | from 4 to 90
                    [sql]\\nurl = "mysql://a/b"         | 2:1 | postgresql://USER
                    [sandbox]\\nallow_networks = ["10"] | 2:1 | got '10'
                    [sandbox]\\nallow_networks = "10"   | 2:1 | list of strings
                    [sandbox]\\nallow_networks = ["fd00::/8"] | 2:1 | got 'fd00::/8'
                    [server]\\nlisten = ["host:1"]      | 2:1 | got 'host:1'
                    logs = 3                            | 1:1 | must be a section
                    [place]\\nregion = 4                | 2:1 | must be a string
                    [logs]\\nretention_days = 1\\n[logs] | 3:1 | logs
                    x = = 3                             | 1:5 | Unexpected
                    [containers]\\nbuilder = "kaniko"   | 2:1 | buildah, podman, docker
                    """)
    void namesThePlaceAndTheCause(String text, String place, String cause) {
        assertThatThrownBy(() -> parse(text.replace("\\n", "\n")))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("mews.toml:" + place + ": ")
                .hasMessageContaining(cause);
    }

    @Test
    void refusesAFileThatIsNotText(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("mews.toml"), new byte[] {(byte) 0xff, 0});
        assertThatThrownBy(() -> ConfigFile.read(file, null)).hasMessageContaining("not UTF-8");
    }

    @Test
    void neverRepeatsAPassword() {
        String text = "[sql]\nurl = \"postgresql://mews:s3cret@db/mews\"";
        assertThat(parse(text).sql().toString()).doesNotContain("s3cret");
        assertThatThrownBy(() -> ConfigFile.parse("mews.toml", "", "http://mews:s3cret@db"))
                .hasMessageContaining("MEWS_DATABASE_URL must look like")
                .message()
                .doesNotContain("s3cret");
    }

    @Test
    void theVariableBeatsTheFile() {
        String text = "[sql]\nurl = \"postgresql://a/b\"";
        assertThat(ConfigFile.parse("f", text, "postgres://u:p%40%2B+@h/d?sslmode=require").sql())
                .extracting(ServerConfig.Sql::url)
                .isEqualTo("jdbc:postgresql://h/d?user=u&password=p%40%2B%2B&sslmode=require");
    }

    @Test
    void mapsAnyMachineNameToThisHost() {
        ServerConfig config =
                parse("[machines]\n\"GPU-H100\" = \"cpu:2,4GB\"\nbig = \"gpu:2, cpu:0.5, 1GiB\"");
        assertThat(config.machines().values())
                .containsExactly(
                        new MachineType("GPU-H100", MachineKind.CPU, 2000, 4_000_000_000L, 0),
                        new MachineType("big", MachineKind.GPU, 500, 1L << 30, 2));
        assertThat(config.catalog(8_000_000_000L, 2).names())
                .containsExactly("GPU-H100", "M", "S", "XS", "big");
    }

    @Test
    void urlsComeFromTheTable() {
        assertThat(DEFAULTS.urls())
                .isEqualTo(
                        new Addresses(
                                "http://127.0.0.1:8787",
                                "http://127.0.0.1:8787",
                                "http://127.0.0.2:8787",
                                "ws://127.0.0.3:8787"));
        assertThat(parse("[addresses]\n\"https://mews.org\" = \"control\"").urls())
                .isEqualTo(
                        new Addresses(
                                "https://mews.org",
                                "https://mews.org",
                                "https://mews.org/queue",
                                "wss://mews.org/ws"));
        assertThat(parse("[addresses]\n\"[::1]:9\" = \"control\"").onPort(7, false).urls().api())
                .isEqualTo("http://[::1]:7");
        assertThat(DEFAULTS.addresses()).hasSize(3);
    }

    @Test
    void keepsWhatIsAskedFor() {
        assertThat(parse("[history]\nretention_days = 7").history().retention())
                .isEqualTo(Duration.ofDays(7));
        assertThat(parse("[sandbox]\nallow_networks = [\"10.1.0.0/16\"]").sandbox().allowNetworks())
                .isEqualTo(List.of("10.1.0.0/16"));
    }

    private static ServerConfig parse(String text) {
        return ConfigFile.parse("mews.toml", text, null);
    }
}
