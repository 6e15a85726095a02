package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Hashes;
import mews.base.Json;
import mews.build.EnvironmentBuilder;
import mews.host.Command;
import mews.model.ContainerSettings;
import mews.model.Image;
import mews.model.Refusal;
import mews.testing.ContainersHere;
import mews.testing.ImageShop;
import mews.testing.TestImages;
import mews.testing.TestRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real builds from a real registry.
@ContainersHere
class ContainerBuildIT {
    private static final String HASH_OF_WHEEL =
            "8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254";

    @TempDir private static Path root;

    private static TestRegistry registry;
    private static ImageShop shop;
    private static String shell;
    private static String python;

    @BeforeAll
    static void open() throws Exception {
        registry = TestRegistry.start();
        shell = registry.push("team/shell:1", TestImages.shell());
        python = registry.push("team/python:1", TestImages.python().with("User", "1000"));
        shop = new ImageShop(root, ImageRules.STANDARD);
    }

    @AfterAll
    static void close() throws Exception {
        shop.close();
        registry.close();
    }

    @Test
    void buildsWhatTheDockerfileSays() throws Exception {
        Image image =
                shop.build(
                        ImageShop.order(
                                "local",
                                ImageShop.plain(
                                        registry,
                                        "ARG BASE=" + shell,
                                        "FROM ${BASE}",
                                        "ARG COLOR=red",
                                        "RUN echo $COLOR > /color",
                                        "COPY data/ /srv/data/",
                                        "WORKDIR /srv",
                                        "ENV MODE=fast",
                                        "ENTRYPOINT [\"cat\"]",
                                        "CMD [\"/color\"]"),
                                List.of(),
                                List.of(shop.upload("data/a.txt", "hello")),
                                false));

        assertThat(shop.rootfs(image).resolve("color")).content().isEqualTo("red\n");
        assertThat(shop.rootfs(image).resolve("srv/data/a.txt")).content().isEqualTo("hello");
        ContainerSettings settings = shop.layout().settings(String.valueOf(image.root()));
        assertThat(settings.entrypoint()).containsExactly("cat");
        assertThat(settings.command()).containsExactly("/color");
        assertThat(settings.workdir()).isEqualTo("/srv");
        assertThat(settings.environment()).containsEntry("MODE", "fast");
        assertThat(settings.digest()).startsWith("sha256:");
        assertThat(settings.python()).isNull();
        assertThat(shop.said()).contains("STEP 3/");
    }

    @Test
    void whatIsAddedByUrlComesFromTheInternet() throws Exception {
        String wheel = addressOf("six==1.16.0");
        Image image =
                shop.build(
                        ImageShop.order(
                                ImageShop.plain(
                                        registry, "FROM " + shell, "ADD " + wheel + " /added/")));

        try (InputStream file =
                Files.newInputStream(
                        shop.rootfs(image)
                                .resolve("added")
                                .resolve(Path.of(wheel).getFileName()))) {
            assertThat(Hashes.sha256Hex(file.readAllBytes())).isEqualTo(HASH_OF_WHEEL);
        }
    }

    /// Where the index that this host uses has a package.
    private static String addressOf(String requirement) throws Exception {
        Process pip =
                new ProcessBuilder(
                                "python3",
                                "-m",
                                "pip",
                                "install",
                                "--dry-run",
                                "--no-deps",
                                "--target",
                                root.resolve("nothing").toString(),
                                "--quiet",
                                "--report",
                                "-",
                                requirement)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (InputStream report = pip.getInputStream()) {
            String address =
                    Json.MAPPER.readTree(report).at("/install/0/download_info/url").asString();
            assertThat(address).startsWith("https://").endsWith(".whl");
            return address;
        }
    }

    @Test
    void nothingIsAddedFromThisHostItself() {
        String near = "http://127.0.0.1:%d/v2/".formatted(registry.port());

        assertThatThrownBy(() ->
                        shop.build(
                                ImageShop.order(
                                        ImageShop.plain(
                                                registry,
                                                "FROM " + shell,
                                                "ADD " + near + " /added"))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("Dockerfile line 2 (ADD")
                .hasMessageContaining("connection refused");
    }

    @Test
    void anUnchangedOrderRunsNoStep() throws Exception {
        var order = ImageShop.order(ImageShop.plain(registry, "FROM " + shell, "RUN echo once"));
        Image first = shop.build(order);
        Image again = shop.build(order);

        assertThat(again).isEqualTo(first);
        assertThat(shop.builder().find(order)).isEqualTo(first);
        assertThat(shop.said()).contains("cached").doesNotContain("STEP");
    }

    @Test
    void requirementsGoIntoThePythonThatIsFirstOnThePath() throws Exception {
        Image image =
                shop.build(
                        ImageShop.order(
                                "local",
                                Map.of("image", python, "registries", registry.login()),
                                List.of(List.of("six==1.15.0"), List.of("packaging==24.0")),
                                List.of(),
                                false));

        Command.Result said =
                Command.run(
                        Duration.ofSeconds(30),
                        "chroot",
                        shop.rootfs(image).toString(),
                        "/usr/bin/python3",
                        "-c",
                        "import six, packaging; print(six.__version__, packaging.__version__)");
        assertThat(said.out().strip()).as(said.err()).isEqualTo("1.15.0 24.0");
        assertThat(shop.said()).doesNotContain("no network of their own");
        ContainerSettings settings = shop.layout().settings(String.valueOf(image.root()));
        assertThat(settings.python()).isEqualTo("/usr/bin/python3");
        assertThat(settings.user()).isEqualTo("1000");
        assertThat(image.pythonVersion()).isEqualTo(TestImages.pythonMinor());
        assertThat(shop.layout().support(TestImages.pythonMinor())).isPresent();
    }

    @Test
    void givenWordsReplaceThoseOfTheImage() throws Exception {
        Map<String, Object> table =
                new LinkedHashMap<>(
                        ImageShop.plain(registry, "FROM " + shell, "CMD [\"ls\", \"/\"]"));
        table.put("entrypoint", "echo 'two words'");
        Image image = shop.build(ImageShop.order(table));

        ContainerSettings settings = shop.layout().settings(String.valueOf(image.root()));
        assertThat(settings.entrypoint()).containsExactly("echo", "two words");
        assertThat(settings.command()).isEmpty();
    }

    @Test
    void aSecretIsSeenByItsStepAndNowhereElse() throws Exception {
        shop.secrets().put("DEEP", "very-deep-secret-0815");
        Map<String, Object> table =
                new LinkedHashMap<>(
                        ImageShop.plain(
                                registry,
                                "FROM " + shell,
                                "RUN --mount=type=secret,id=deep cat /run/secrets/deep && test -s /run/secrets/deep"));
        table.put("secrets", Map.of("deep", "$DEEP"));
        shop.build(ImageShop.order(table));

        assertThat(shop.said()).contains("********").doesNotContain("very-deep");
        assertThat(
                        Command.run(
                                        Duration.ofSeconds(60),
                                        "grep",
                                        "-rl",
                                        "very-deep-secret",
                                        root.toString())
                                .out())
                .isEmpty();
    }

    @Test
    void aFailingStepShowsItsLineAndWhatItSaid() {
        assertThatThrownBy(() ->
                        shop.build(
                                ImageShop.order(
                                        ImageShop.plain(
                                                registry,
                                                "# a comment",
                                                "FROM " + shell,
                                                "RUN echo fine && \\",
                                                "    echo too",
                                                "RUN echo so it goes >&2; exit 3"))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("Dockerfile line 5 (RUN")
                .hasMessageContaining("exit status 3")
                .hasMessageContaining("so it goes");
    }

    @Test
    void anotherPythonThanTheAppsIsToldWithTheRemedy() {
        var order = ImageShop.order(Map.of("image", python, "registries", registry.login()));
        var other =
                new EnvironmentBuilder.Order(
                        order.account(),
                        order.environment(),
                        order.app(),
                        new mews.model.EnvironmentSpec(
                                "container", "3.8", List.of(), null, order.spec().image()),
                        order.machine(),
                        order.files(),
                        false);

        assertThatThrownBy(() -> shop.build(other))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("python_version = \"" + TestImages.pythonMinor());
    }

    @Test
    void anImageWithoutPythonIsRefusedWhereOneIsNeeded() {
        assertThatThrownBy(() ->
                        shop.build(
                                ImageShop.order(
                                        Map.of("image", shell, "registries", registry.login()))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("there is no python on the PATH");
    }

    @Test
    void fileSystemsAreMountedAgainAfterTheyWentAway() throws Exception {
        Image image =
                shop.build(ImageShop.order(ImageShop.plain(registry, "FROM " + shell, "RUN true")));
        Command.run(Duration.ofSeconds(10), "umount", shop.rootfs(image).toString());
        assertThat(Files.exists(shop.rootfs(image).resolve("bin"))).isFalse();

        shop.folders().open();

        assertThat(Files.exists(shop.rootfs(image).resolve("bin"))).isTrue();
    }
}
