package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import mews.base.Seal;
import mews.model.Image;
import mews.model.Refusal;
import mews.sql.Database;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// What was resolved once stays, whatever becomes of the index and of the disk.
class LockIT {
    @TempDir private static Path root;
    private static TinyBench bench;

    @BeforeAll
    static void open() throws Exception {
        bench = new TinyBench(root, 0);
    }

    @AfterAll
    static void close() {
        bench.close();
    }

    @Test
    void unchangedRequirementsKeepTheirPackagesUntilAskedToResolveAgain() throws Exception {
        bench.index.add("alpha", "1.0");
        Image first = bench.build(false, List.of("alpha"));
        bench.index.add("alpha", "1.1");
        bench.starts.set(0);

        assertThat(bench.build(false, List.of("alpha"))).isEqualTo(first);
        assertThat(bench.starts).hasValue(0);

        Image anew = bench.build(true, List.of("alpha"));
        assertThat(anew).isNotEqualTo(first);
        assertThat(bench.ask(anew, "alpha", "VERSION")).isEqualTo("1.1");
        // Whoever has the old one keeps it.
        assertThat(bench.ask(first, "alpha", "VERSION")).isEqualTo("1.0");
        assertThat(bench.build(false, List.of("alpha"))).isEqualTo(anew);
    }

    @Test
    @EnabledIfSystemProperty(named = "user.name", matches = "root")
    void whoHasALayerMountedKeepsItWhenItIsBuiltAgain() throws Exception {
        bench.index.add("kappa", "1.0");
        Image image = bench.build(true, List.of("kappa"));
        Path layer = bench.home.layers().resolve(image.layers().getFirst());
        Object first = Files.readAttributes(layer, BasicFileAttributes.class).fileKey();
        String script =
                "mount --bind \"$0\" \"$1\" && echo mounted && read told && ls \"$1/site\" && read told";
        Path place = Files.createDirectory(root.resolve("place"));
        Process runner =
                new ProcessBuilder("unshare", "-m", "sh", "-c", script, "" + layer, "" + place)
                        .start();
        try (var said = runner.inputReader();
                var told = runner.outputWriter()) {
            assertThat(said.readLine()).isEqualTo("mounted");
            assertThat(bench.build(true, List.of("kappa"))).isEqualTo(image);
            assertThat(Files.readAttributes(layer, BasicFileAttributes.class).fileKey())
                    .isNotEqualTo(first);

            told.write("look\n");
            told.flush();
            assertThat(said.readLine()).startsWith("kappa");
        }
        runner.waitFor();
        bench.build(true, List.of("kappa"));
        try (Stream<Path> trash = Files.list(bench.home.layers().resolve(".trash"))) {
            assertThat(trash).isEmpty();
        }
    }

    @Test
    void afterPruningTheSamePackagesComeAgain() throws Exception {
        bench.index.add("beta", "1.0");
        var order = bench.order(false, List.of("beta"));
        Image first = bench.build(false, List.of("beta"));
        LockedEnvironment lock = bench.builder.lock(order, first);
        bench.index.add("beta", "2.0");
        bench.lose(first.layers().getFirst());
        assertThat(bench.builder.ready(first)).isFalse();

        Image again = bench.build(false, List.of("beta"));

        assertThat(again).isEqualTo(first);
        assertThat(bench.builder.lock(order, again)).isEqualTo(lock);
        assertThat(bench.ask(again, "beta", "VERSION")).isEqualTo("1.0");
        assertThat(lock.packages())
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.name()).isEqualTo("beta");
                    assertThat(each.version()).isEqualTo("1.0");
                    assertThat(each.source()).startsWith(bench.index.url());
                    assertThat(each.hashes()).singleElement().asString().startsWith("sha256:");
                });
    }

    @Test
    void aLayerGoesWhileItsByteCodeIsMade() throws Exception {
        bench.index.add("eta", "1.0");
        bench.compiles.set(0);
        Image image = bench.build(false, List.of("eta"));
        await().until(() -> bench.compiles.get() > 0);

        bench.lose(image.layers().getFirst());

        assertThat(bench.layout.layer(image.layers().getFirst())).doesNotExist();
        assertThat(bench.ask(bench.build(false, List.of("eta")), "eta", "VERSION"))
                .isEqualTo("1.0");
    }

    @Test
    void aVersionThatVanishedIsNamed() throws Exception {
        bench.index.add("gamma", "1.0");
        Image image = bench.build(false, List.of("gamma"));
        bench.index.add("gamma", "1.1");
        bench.index.remove("gamma", "1.0");
        bench.lose(image.layers().getFirst());

        assertThatThrownBy(() -> bench.build(false, List.of("gamma")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("package 'gamma==1.0' cannot be installed again")
                .hasMessageContaining("--no-cache");
        Image anew = bench.build(true, List.of("gamma"));
        assertThat(bench.ask(anew, "gamma", "VERSION")).isEqualTo("1.1");
    }

    @Test
    void otherContentUnderTheSameVersionIsNamed() throws Exception {
        bench.index.add("delta", "1.0");
        Image image = bench.build(false, List.of("delta"));
        bench.index.add("delta", "1.0", "elsewhere", 10);
        bench.lose(image.layers().getFirst());

        assertThatThrownBy(() -> bench.build(false, List.of("delta")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("package 'delta==1.0' cannot be installed again");
        await().untilAsserted(() -> assertThat(bench.drafts()).isEmpty());
    }

    @Test
    void oneLostLayerOfTwoIsMadeAgainBelowTheOther() throws Exception {
        bench.index.add("lower", "1.0");
        bench.index.add("upper", "1.0");
        Image image = bench.build(false, List.of("lower"), List.of("upper"));
        bench.index.add("lower", "1.1");
        bench.lose(image.layers().getLast());
        var order = bench.order(false, List.of("lower"), List.of("upper"));

        bench.builder.restore(order, image, line -> bench.said.add(line.message()));

        assertThat(bench.builder.ready(image)).isTrue();
        assertThat(bench.ask(image, "lower", "VERSION")).isEqualTo("1.0");
        assertThat(bench.ask(image, "upper", "VERSION")).isEqualTo("1.0");
    }

    @Test
    void aRolledBackRevisionIsRestoredAndTheNewResolutionStays() throws Exception {
        bench.index.add("epsilon", "1.0");
        Image old = bench.build(false, List.of("epsilon"));
        bench.index.add("epsilon", "2.0");
        Image now = bench.build(true, List.of("epsilon"));
        bench.lose(old.layers().getFirst());

        bench.builder.restore(bench.order(false, List.of("epsilon")), old, line -> {});

        assertThat(bench.ask(old, "epsilon", "VERSION")).isEqualTo("1.0");
        assertThat(bench.build(false, List.of("epsilon"))).isEqualTo(now);
    }

    @Test
    void aTokenInAUrlIsSealedInTheDatabaseAndMaskedInTheLock() throws Exception {
        bench.index.add("zeta", "1.0");
        String url = bench.index.url("zeta", "1.0").replace("http://", "http://me:s3cret-t0ken@");
        var order = bench.order(false, List.of("zeta @ " + url));
        Image image = bench.builder.build(order, line -> bench.said.add(line.message()));

        assertThat(bench.builder.lock(order, image).toString())
                .contains("zeta")
                .doesNotContain("s3cret-t0ken");
        List<byte[]> rows =
                bench.database.list(
                        "SELECT lock FROM layer_lock", (row, context) -> row.getBytes(1));
        assertThat(rows)
                .noneMatch(row -> new String(row, StandardCharsets.ISO_8859_1).contains("s3cret"));
        try (Stream<Path> files = Files.walk(bench.layout.layer(image.layers().getFirst()))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .doesNotContain("s3cret-t0ken");
            }
        }
        // A fresh token for the same content: the same layer, also when it has to be made again.
        bench.lose(image.layers().getFirst());
        var fresh =
                bench.order(
                        false, List.of("zeta @ " + url.replace("s3cret-t0ken", "an0ther-t0ken")));
        assertThat(bench.builder.build(fresh, line -> {})).isEqualTo(image);
    }

    @Test
    void locksThatNobodyNeedsAreForgottenInTheEnd() {
        Seal seal = new Seal(new byte[32]);
        try (Database database = TestDatabase.fresh()) {
            LockTable now = new LockTable(database, seal, Instant::now);
            LockTable late =
                    new LockTable(database, seal, () -> Instant.now().plus(Duration.ofDays(100)));
            now.keep("needed", Lock.EMPTY);
            now.keep("old", Lock.EMPTY);
            now.resolve("wish", "old");
            late.keep("young", Lock.EMPTY);

            now.forget(List.of());
            assertThat(now.find("old")).isPresent();

            late.forget(List.of("needed"));
            assertThat(now.find("old")).isEmpty();
            assertThat(now.resolved("wish")).isEmpty();
            assertThat(now.find("needed")).isPresent();
            assertThat(now.find("young")).isPresent();
        }
    }
}
