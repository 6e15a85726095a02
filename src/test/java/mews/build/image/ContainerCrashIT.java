package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import mews.build.CacheSource;
import mews.host.Command;
import mews.model.Image;
import mews.testing.ContainersHere;
import mews.testing.ImageShop;
import mews.testing.ImageShopProcess;
import mews.testing.TestImages;
import mews.testing.TestRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Builds that end before their end, and many at once: nothing half-built is used, nothing is left,
/// no secret lies about.
@ContainersHere
class ContainerCrashIT {
    private static final String SECRET = "deepest-secret-4711-of-all";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path root;

    private static TestRegistry registry;
    private static String shell;

    @BeforeAll
    static void open() throws Exception {
        registry = TestRegistry.start();
        shell = registry.push("team/shell:1", TestImages.shell());
    }

    @AfterAll
    static void close() throws Exception {
        registry.close();
    }

    @Test
    void aKilledServerLeavesNothingThatCountsAndNoSecret() throws Exception {
        Process server = ImageShopProcess.start(root, slow());
        await().atMost(PATIENCE).until(this::stepRuns);
        assertThat(disk("-rl", SECRET)).isEmpty();
        assertThat(Command.run(PATIENCE, "ps", "-efww").out()).doesNotContain(SECRET);

        server.destroyForcibly().waitFor();

        // The builder notices that its server is gone.
        await().atMost(PATIENCE).until(() -> processes().isEmpty());
        try (ImageShop shop = new ImageShop(root, ImageRules.STANDARD)) {
            assertThat(shop.builder().find(ImageShop.order(slow()))).isNull();
            Image image =
                    shop.build(
                            ImageShop.order(
                                    ImageShop.plain(registry, "FROM " + shell, "RUN echo next")));
            assertThat(shop.builder().ready(image)).isTrue();
            assertThat(disk("-rl", SECRET)).isEmpty();
            assertThat(containers(shop)).isEqualTo("[]");
        }
        assertThat(mounts()).isEmpty();
    }

    @Test
    void whoLeavesStopsTheBuild() throws Exception {
        try (ImageShop shop = new ImageShop(root, ImageRules.STANDARD)) {
            Thread caller =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    shop.build(ImageShop.order(slow()));
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            await().atMost(PATIENCE).until(this::stepRuns);
            caller.interrupt();
            caller.join();

            await().atMost(PATIENCE).until(() -> processes().isEmpty());
            await().atMost(PATIENCE).until(() -> drafts(shop).isEmpty());
            assertThat(containers(shop)).isEqualTo("[]");
            assertThat(shop.folders().roots()).isEmpty();
            assertThat(disk("-rl", SECRET)).isEmpty();
        }
        assertThat(mounts()).isEmpty();
    }

    @Test
    void fiftyCallersAtOnceAreServedByOneBuild() throws Exception {
        try (ImageShop shop = new ImageShop(root, ImageRules.STANDARD);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var order =
                    ImageShop.order(
                            ImageShop.plain(
                                    registry, "FROM " + shell, "RUN sleep 1; echo together"));
            List<Future<Image>> images = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                images.add(callers.submit(() -> shop.builder().build(order, line -> {})));
            }
            Image first = images.getFirst().get();
            for (Future<Image> image : images) {
                assertThat(image.get()).isEqualTo(first);
            }
            assertThat(shop.folders().roots()).hasSize(1);
        }
    }

    @Test
    void whatNobodyNeedsCanBeTakenAway() throws Exception {
        try (ImageShop shop = new ImageShop(root, ImageRules.STANDARD)) {
            var order =
                    ImageShop.order(ImageShop.plain(registry, "FROM " + shell, "RUN echo away"));
            Image image = shop.build(order);
            ImageShelf images = new ImageShelf(shop.folders(), shop.workshop());
            CacheSource.Entry entry = images.entries().getFirst();
            assertThat(entry.bytes()).isGreaterThan(1_000_000);
            assertThat(images.partsOf(image)).containsExactly(entry.key());

            assertThat(images.remove(entry)).isTrue();
            StepCache steps = new StepCache(shop.folders(), shop.workshop());
            assertThat(steps.remove(steps.entries().getFirst())).isTrue();

            assertThat(shop.builder().ready(image)).isFalse();
            assertThat(steps.entries()).isEmpty();
            shop.builder().restore(order, image, line -> {});
            assertThat(shop.builder().ready(image)).isTrue();
        }
    }

    private static Map<String, Object> slow() {
        Map<String, Object> table =
                new LinkedHashMap<>(
                        ImageShop.plain(
                                registry,
                                "FROM " + shell,
                                "RUN --mount=type=secret,id=deep test -s /run/secrets/deep && sleep 98765"));
        table.put("secrets", Map.of("deep", SECRET));
        return table;
    }

    private boolean stepRuns() {
        return !processes().isEmpty()
                && Command.run(PATIENCE, "pgrep", "-f", "sleep 98765").out().lines().count() > 1;
    }

    private String processes() {
        return Command.run(PATIENCE, "pgrep", "-f", "root " + root).out();
    }

    private String disk(String... words) {
        List<String> line = new ArrayList<>(List.of("grep"));
        line.addAll(List.of(words));
        line.add(root.toString());
        return Command.run(PATIENCE, line).out();
    }

    private static String containers(ImageShop shop) throws IOException {
        return Files.readString(
                        shop.home()
                                .images()
                                .resolve(".stores/local/root/overlay-containers/containers.json"))
                .strip();
    }

    private static List<Path> drafts(ImageShop shop) throws IOException {
        try (var all = Files.list(shop.home().images().resolve(".stores/local/drafts"))) {
            return all.toList();
        }
    }

    private List<String> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .filter(line -> line.contains(root.toString()))
                .toList();
    }
}
