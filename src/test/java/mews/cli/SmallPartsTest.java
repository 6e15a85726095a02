package mews.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.net.URI;
import java.time.Instant;
import mews.model.Addresses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmallPartsTest {
    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "90s,2026-01-01T23:58:30Z",
        "15m,2026-01-01T23:45:00Z",
        "2H,2026-01-01T22:00:00Z",
        "1 d,2026-01-01T00:00:00Z",
        "2025-12-31T10:00:00Z,2025-12-31T10:00:00Z"
    })
    void readsTimes(String text, Instant instant) {
        assertThat(Times.ago(text, NOW)).isEqualTo(instant);
    }

    @Test
    void alignsTables() {
        Table table = new Table("NAME", "N");
        table.row("a-long-name", 1);
        table.row("b", 22);

        assertThat(table).hasToString("NAME         N\na-long-name  1\nb            22");
    }

    @ParameterizedTest
    @CsvSource({
        "hello,local/hello",
        "hello/a/b,local/hello/a/b",
        "local/hello,local/hello",
        "/hello/x,local/hello/x",
        "@grace/hello/x,grace/hello/x"
    })
    void readsAppsWithPaths(String text, String path) {
        assertThat(AppPath.parse(text, "local", new EnvOption())).hasToString(path);
    }

    @Test
    void takesOffOnlyTheSuffixOfTheEnvironmentTold() {
        assertThat(EnvOption.shown("a--b", "b")).isEqualTo("a");
        assertThat(EnvOption.shown("a--b", "")).isEqualTo("a--b");
        assertThat(EnvOption.shown("a--b", "c")).isEqualTo("a--b");
    }

    @Test
    void aStatusWithoutDetailsIsToldByItsName() {
        assertThat(Problems.message(Status.INTERNAL)).contains("INTERNAL");
        assertThat(Problems.message(Status.INVALID_ARGUMENT.withDescription("bad region")))
                .isEqualTo("bad region");
    }

    @Test
    void exportsWithoutTlsQuoteTheKey() {
        var api = URI.create("http://127.0.0.1:8787");
        var addresses =
                new Addresses(
                        api.toString(),
                        api.toString(),
                        "http://127.0.0.2:8787",
                        "ws://127.0.0.3:8787");
        var server = new ServerAddress(api, addresses, "id:se'cret", "a file", null);

        assertThat(EnvCommand.unprotected(server))
                .contains("TLS")
                .contains("export ISOLATE_TEST_MODE=1")
                .contains("export FAL_GRPC_HOST='127.0.0.1:8787'")
                .contains("export FAL_QUEUE_RUN_HOST='127.0.0.2:8787'")
                .contains("export FAL_WS_RUN_HOST='127.0.0.3:8787'");
        assertThat(EnvCommand.key(server)).contains("export FAL_KEY='id:se'\\''cret'");
    }

    @Test
    void addressesNeverShowTheKey() {
        var server = ServerAddress.of(URI.create("http://h:1"), "id:secret", "a file");

        assertThat(server.toString()).doesNotContain("secret");
        assertThatThrownBy(() -> Input.read("@/no/such/file"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("/no/such/file");
    }
}
