package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.model.Callable;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.Revision;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import mews.testing.Pythons;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What forks inherit although they should not, from an environment that did all of it at import.
class ForkPitfallsIT {
    private static final List<String> RANDOM = List.of("random", "numpy", "generator", "uuid");

    private FleetFixture host;
    private Revision revision;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        host = new FleetFixture(null, new Ground.WarmSettings(1_000_000_000L, 1));
        String obstacle = host.sandbox.noForks();
        Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
        Path layers = host.home.layers();
        Files.createSymbolicLink(
                layers.resolve("numpy"), PythonLayers.cached(Pythons.MINOR, "numpy"));
        Path site = Files.createDirectories(layers.resolve("pitfalls/site"));
        Files.copy(Path.of("src/test/resources/fleet/pitfalls.py"), site.resolve("pitfalls.py"));
        host.secrets.set("local", "main", "TZ", "Asia/Tokyo", true);
        revision = host.revision(wish());
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void forksOfAnEnvironmentThatIsFullOfPitfallsAreSound() {
        learn();
        RunnerView one = host.ready(host.start(wish(), revision));
        RunnerView other = host.ready(host.start(wish(), revision));
        JsonNode first = host.call(one, "/", Map.of());
        JsonNode second = host.call(other, "/", Map.of());

        for (JsonNode facts : List.of(first, second)) {
            assertThat(facts.path("forked").asBoolean()).as("%s", facts).isTrue();
            assertThat(facts.path("read").asString()).startsWith("\"\"\"What ForkPitfallsIT");
            assertThat(facts.path("solved").asDouble()).isEqualTo(10.0);
            assertThat(facts.path("left").asBoolean()).isTrue();
            assertThat(facts.path("cache").asString()).isEqualTo("made once");
            assertThat(facts.path("zone").asString()).isEqualTo("JST");
        }
        for (String name : RANDOM) {
            assertThat(first.path(name)).as(name).isNotEqualTo(second.path(name));
        }
    }

    @Test
    void aForkSaysWhatAPlainRunnerSays() {
        List<String> plain = said(host.ready(host.start(wish(), revision)));
        learn();
        List<String> forked = said(host.ready(host.start(wish(), revision)));

        assertThat(plain).anyMatch(line -> line.endsWith("logged in JST"));
        assertThat(forked).isEqualTo(plain);
    }

    /// Lines of one life with one request, as level and text.
    private List<String> said(RunnerView runner) {
        host.call(runner, "/", Map.of());
        host.fleet.drain(runner.id(), StopReason.of(Code.IDLE));
        host.end(runner.id());
        return host.logs.lines().stream()
                .filter(line -> runner.id().equals(line.runner()))
                .filter(line -> line.source() != LogLine.Source.BRIDGE)
                .map(line -> line.level() + " " + line.message())
                .sorted()
                .toList();
    }

    /// Until the parent has imported the module too.
    private void learn() {
        host.fleet.warm(revision);
        awaitWarm();
        RunnerView teacher = host.ready(host.start(wish(), revision));
        await().atMost(FleetFixture.PATIENCE)
                .until(() -> !host.fleet.parents().learnedOf(revision).isEmpty());
        host.fleet.kill(teacher.id(), StopReason.of(Code.KILLED));
        host.end(teacher.id());
        awaitWarm();
        assertThat(host.fleet.parents().learnedOf(revision)).contains("numpy", "pitfalls");
    }

    private void awaitWarm() {
        await().atMost(FleetFixture.PATIENCE).until(() -> host.fleet.parents().isWarm(revision));
    }

    private static Wish wish() {
        return new Wish(new Callable.EntryPoint("pitfalls:Pitfalls.run_local"))
                .image(
                        new Image(
                                "pitfalls",
                                Pythons.MINOR,
                                List.of("pitfalls", "numpy", "app", "sdk")));
    }
}
