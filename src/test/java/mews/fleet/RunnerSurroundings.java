package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.AppFile;
import mews.model.Revision;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.Test;

/// What an app finds around it: its variables, its files and the data of its account.
interface RunnerSurroundings {
    @Test
    default void handsOverSecretsAndHidesThemInTheLog() {
        FleetIT.host.secrets.set("local", "main", "TOKEN", "not-for-the-log", true);
        RunnerView runner = FleetIT.host.ready(FleetIT.host.start(Wish.app("Hello")));

        assertThat(token(runner)).isEqualTo("not-for-the-log");
        FleetIT.host.awaitLine("secret is ********");
        // A change reaches new runners only. protocol: platform 9
        FleetIT.host.secrets.set("local", "main", "TOKEN", "another-not-for-the-log", true);
        RunnerView later = FleetIT.host.ready(FleetIT.host.start(Wish.app("Hello")));
        assertThat(token(later)).isEqualTo("another-not-for-the-log");
        assertThat(token(runner)).isEqualTo("not-for-the-log");
        assertThat(FleetIT.host.logs.messages())
                .noneMatch(line -> line.contains("not-for-the-log"));
        FleetIT.host.secrets.unset("local", "main", "TOKEN");
    }

    private static String token(RunnerView runner) {
        return FleetIT.host
                .call(runner, "/environment", Map.of("names", List.of("TOKEN")))
                .path("TOKEN")
                .asString();
    }

    @Test
    default void tellsTheAppWhoItIs() {
        UUID id = FleetIT.host.start(Wish.app("Hello"));
        RunnerView runner = FleetIT.host.ready(id);
        List<String> names =
                List.of(
                        "FAL_JOB_ID",
                        "FAL_APP_NAME",
                        "FAL_HOST",
                        "FAL_KEY",
                        "FAL_REGION",
                        "HF_HOME");

        var told = FleetIT.host.call(runner, "/environment", Map.of("names", names));

        assertThat(told.path("FAL_JOB_ID").asString()).isEqualTo(id.toString());
        assertThat(told.path("FAL_APP_NAME").asString()).isEqualTo("it");
        assertThat(told.path("FAL_HOST").asString()).isEqualTo("127.0.0.1:18787");
        assertThat(told.path("FAL_REGION").asString()).isEqualTo("here");
        String[] key = told.path("FAL_KEY").asString().split(":");
        assertThat(FleetIT.host.keys.authenticate(key[0], key[1])).isNotNull();

        FleetIT.host.fleet.drain(id, StopReason.of(Code.STOPPED));
        FleetIT.host.end(id);

        assertThat(FleetIT.host.keys.authenticate(key[0], key[1])).isNull();
    }

    @Test
    default void handsOverWhomToTrustUnlessTheAppSaysOtherwise() {
        FleetIT.host.secrets.set("local", "main", "REQUESTS_CA_BUNDLE", "/data/mine.pem", true);
        RunnerView runner = FleetIT.host.ready(FleetIT.host.start(Wish.app("Hello")));
        List<String> names = List.of("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE");

        var told = FleetIT.host.call(runner, "/environment", Map.of("names", names));

        String file = ".." + told.path("SSL_CERT_FILE").asString();
        assertThat(FleetIT.host.call(runner, "/file", Map.of("path", file)).path("text").asString())
                .isEqualTo("roots of this test");
        assertThat(told.path("REQUESTS_CA_BUNDLE").asString()).isEqualTo("/data/mine.pem");
        FleetIT.host.secrets.unset("local", "main", "REQUESTS_CA_BUNDLE");
    }

    @Test
    default void laysOutAppFilesWithTheirModes() throws IOException {
        assumeTrue(FleetIT.host.sandbox.separateFiles());
        Path content = Files.writeString(FleetIT.host.home.root().resolve("tool"), "echo hi");
        Files.setPosixFilePermissions(content, PosixFilePermissions.fromString("rwxr-x---"));
        FleetIT.host.blobs.putAs("abc123", content);

        RunnerView runner =
                FleetIT.host.ready(
                        FleetIT.host.start(
                                Wish.app("Hello").files(new AppFile("abc123", "deep/er/tool"))));

        var told = FleetIT.host.call(runner, "/file", Map.of("path", "deep/er/tool"));
        assertThat(told.path("text").asString()).isEqualTo("echo hi");
        assertThat(told.path("mode").asInt()).isEqualTo(0750);
        assertThat(told.path("cwd").asString()).isEqualTo("/app");
    }

    @Test
    default void keepsDataBetweenRunnersOfAnAccount() {
        assumeTrue(FleetIT.host.sandbox.separateFiles());
        UUID first = FleetIT.host.start(Wish.app("Hello"));
        FleetIT.host.call(FleetIT.host.ready(first), "/keep", Map.of("text", "for later"));
        FleetIT.host.fleet.drain(first, StopReason.of(Code.IDLE));
        FleetIT.host.end(first);

        RunnerView second = FleetIT.host.ready(FleetIT.host.start(Wish.app("Hello")));

        assertThat(FleetIT.host.call(second, "/kept", Map.of()).path("text").asString())
                .isEqualTo("for later");
    }

    @Test
    default void seesNoDataButWhatItNames() throws IOException {
        assumeTrue(FleetIT.host.sandbox.separateFiles());
        Path data = FleetIT.host.home.data("local");
        Files.createDirectories(data.resolve("of-others"));
        Wish wish = Wish.app("Hello").mounts("/data/models/a", "/data/.cache/huggingface");
        Revision revision = wish.revision(FleetIT.host.clock);
        String way = FleetIT.host.warm(revision);

        RunnerView runner = FleetIT.host.ready(FleetIT.host.start(wish, revision));

        assertThat(runner.started()).isEqualTo(way);
        assertThat(tried(runner, "import os; got = sorted(each[0] for each in os.walk('/data'))"))
                .isEqualTo(
                        "['/data', '/data/.cache', '/data/.cache/huggingface', '/data/models', '/data/models/a']");
        assertThat(tried(runner, "got = open('/data/models/a/new', 'w').write('mine')"))
                .isEqualTo("4");
        assertThat(data.resolve("models/a/new")).hasContent("mine");
        assertThat(tried(runner, "open('/data/models/b', 'w')")).contains("Read-only file system");
        assertThat(
                        tried(
                                runner,
                                "import os; got = [os.environ['HF_HOME'], 'TORCH_HOME' in os.environ]"))
                .isEqualTo("['/data/.cache/huggingface', False]");
    }

    @Test
    default void aLinkInTheDataIsNotMounted() throws IOException {
        assumeTrue(FleetIT.host.sandbox.separateFiles());
        Path data = Files.createDirectories(FleetIT.host.home.data("local"));
        Files.createSymbolicLink(data.resolve("latest"), Path.of("/etc"));

        StopReason reason =
                FleetIT.host.end(FleetIT.host.start(Wish.app("Hello").mounts("/data/latest")));

        assertThat(reason.code()).isEqualTo(Code.SETUP_FAILED);
        assertThat(reason.detail()).contains("'/data/latest' is a symbolic link; name the folder");
        Files.delete(data.resolve("latest"));
    }

    private static String tried(RunnerView runner, String code) {
        return FleetIT.host.call(runner, "/try", Map.of("code", code)).path("got").asString();
    }
}
