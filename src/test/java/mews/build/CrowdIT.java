package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import mews.model.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many want the same environment at once; layers are shared and never copied.
class CrowdIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private static Path root;
    private static TinyBench bench;

    @BeforeAll
    static void open() throws Exception {
        bench = new TinyBench(root, 0);
        bench.build(false);
    }

    @AfterAll
    static void close() {
        bench.close();
    }

    @AfterEach
    void letGo() {
        bench.index.open();
    }

    @Test
    void fiftyAtOnceAreOneBuildThatAllHear() throws Exception {
        bench.index.add("crowd", "1.0");
        bench.starts.set(0);
        List<List<String>> heard = new ArrayList<>();
        List<Future<Image>> images = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                List<String> mine = new CopyOnWriteArrayList<>();
                heard.add(mine);
                images.add(callers.submit(() -> build("crowd", mine)));
            }
        }

        for (Future<Image> image : images) {
            assertThat(image.get()).isEqualTo(images.getFirst().get());
        }
        // One to resolve, one to install.
        assertThat(bench.starts).hasValue(2);
        assertThat(heard)
                .allSatisfy(said -> assertThat(said).anyMatch(line -> line.contains("crowd")));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(bench.drafts()).isEmpty());
    }

    @Test
    void whoeverLeavesEarlyStopsNobodyElse() throws Exception {
        bench.index.add("patient", "1.0");
        bench.index.hold();
        bench.starts.set(0);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Image> leaving = callers.submit(() -> build("patient", new ArrayList<>()));
            await().atMost(PATIENCE).until(() -> bench.starts.get() == 1);
            List<String> heard = new CopyOnWriteArrayList<>();
            Future<Image> staying = callers.submit(() -> build("patient", heard));
            await().atMost(PATIENCE)
                    .until(() -> heard.stream().anyMatch(line -> line.contains("installing")));
            leaving.cancel(true);
            bench.index.open();

            assertThat(bench.ask(staying.get(), "patient", "VERSION")).isEqualTo("1.0");
        }
    }

    @Test
    void theLastToLeaveStopsTheBuildAndNothingStays() throws Exception {
        bench.index.add("lonely", "1.0");
        bench.index.hold();
        bench.starts.set(0);
        var order = bench.order(false, List.of("lonely"));
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Image> one = callers.submit(() -> build("lonely", new ArrayList<>()));
            Future<Image> two = callers.submit(() -> build("lonely", new ArrayList<>()));
            await().atMost(PATIENCE).until(() -> bench.starts.get() == 1);
            one.cancel(true);
            two.cancel(true);
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(bench.drafts()).isEmpty());
        assertThat(bench.builder.find(order)).isNull();
        bench.index.open();
        assertThat(bench.ask(build("lonely", new ArrayList<>()), "lonely", "VERSION"))
                .isEqualTo("1.0");
    }

    @Test
    void aCallerWhoseListenerBreaksDoesNotBreakTheBuild() throws Exception {
        bench.index.add("sturdy", "1.0");
        bench.index.hold();
        bench.starts.set(0);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Image> broken =
                    callers.submit(() ->
                            bench.builder.build(
                                    bench.order(false, List.of("sturdy")),
                                    line -> {
                                        if (line.message().contains("Resolved")) {
                                            throw new IllegalStateException("gone");
                                        }
                                    }));
            await().atMost(PATIENCE).until(() -> bench.starts.get() == 1);
            Future<Image> well = callers.submit(() -> build("sturdy", new ArrayList<>()));
            bench.index.open();

            assertThat(well.get()).isEqualTo(broken.get());
        }
    }

    @Test
    void appsThatBeginAlikeShareTheLayerOnDisk() throws Exception {
        bench.index.add("shared", "1.0", "here", 300_000);
        bench.index.add("own_a", "1.0");
        bench.index.add("own_b", "1.0");

        Image one = bench.build(false, List.of("shared"), List.of("own_a"));
        Image two = bench.build(false, List.of("shared"), List.of("own_b"));

        assertThat(one.layers().getLast()).isEqualTo(two.layers().getLast());
        assertThat(one.layers().getFirst()).isNotEqualTo(two.layers().getFirst());
        // Once in the layer, once in the download cache that it was unpacked from.
        assertThat(ballast(path -> !path.toString().contains("/.builds/"))).hasSize(1);
        assertThat(ballast(path -> true)).hasSizeLessThanOrEqualTo(2);
        assertThat(bench.ask(two, "shared", "VERSION")).isEqualTo("1.0");
    }

    /// The files of the large package on the disk; one of several names is one.
    private static Set<Object> ballast(Predicate<Path> where) throws IOException {
        Set<Object> files = new HashSet<>();
        Files.walkFileTree(
                bench.home.layers(),
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                        if (path.endsWith("shared/ballast") && where.test(path)) {
                            files.add(attributes.fileKey());
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override // Byte code in the making comes and goes.
                    public FileVisitResult visitFileFailed(Path path, IOException gone) {
                        return FileVisitResult.CONTINUE;
                    }
                });
        return files;
    }

    private static Image build(String name, List<String> heard)
            throws InterruptedException, ExecutionException {
        return bench.builder.build(
                bench.order(false, List.of(name)), line -> heard.add(line.message()));
    }
}
