package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.host.Command;
import mews.model.Image;
import mews.model.Refusal;
import mews.testing.ImageShop;
import mews.testing.TestImages;
import mews.testing.TestRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What holds for every builder that can take the place of buildah.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AnotherBuilder {
    private final String program;

    private TestRegistry registry;
    private ImageShop shop;
    private String shell;

    AnotherBuilder(String program) {
        this.program = program;
    }

    @BeforeAll
    void open(@TempDir Path root) throws Exception {
        registry = TestRegistry.start();
        shell = registry.push("team/shell:1", TestImages.shell());
        shop = new ImageShop(root, new ImageRules("", "", program, List.of()));
    }

    @AfterAll
    void close() throws Exception {
        shop.close();
        registry.close();
    }

    @Test
    void buildsADockerfileOnceWithArgumentsFilesAndASecret() throws Exception {
        shop.secrets().put("DEEP", "very-deep-secret-0816");
        Map<String, Object> table =
                new LinkedHashMap<>(
                        ImageShop.plain(
                                registry,
                                "FROM " + shell,
                                "ARG COLOR=red",
                                "RUN echo $COLOR > /color",
                                "COPY data/ /srv/data/",
                                "RUN --mount=type=secret,id=deep test -s /run/secrets/deep && cat /run/secrets/deep"));
        table.put("build_args", Map.of("COLOR", "blue"));
        table.put("secrets", Map.of("deep", "$DEEP"));
        var order =
                ImageShop.order(
                        "local",
                        table,
                        List.of(),
                        List.of(shop.upload("data/a.txt", "hello")),
                        false);

        Image image = shop.build(order);

        assertThat(shop.rootfs(image).resolve("color")).content().isEqualTo("blue\n");
        assertThat(shop.rootfs(image).resolve("srv/data/a.txt")).content().isEqualTo("hello");
        assertThat(shop.said()).contains("STEP 3/", "********").doesNotContain("very-deep");
        assertThat(shop.build(order)).isEqualTo(image);
        assertThat(shop.said()).contains("cached").doesNotContain("STEP");
    }

    @Test
    void requirementsGoIntoThePythonOfTheImage() throws Exception {
        String python = registry.push("team/python:1", TestImages.python());
        Image image =
                shop.build(
                        ImageShop.order(
                                "local",
                                Map.of("image", python, "registries", registry.login()),
                                List.of(List.of("six==1.15.0")),
                                List.of(),
                                false));

        Command.Result said =
                Command.run(
                        Duration.ofSeconds(30),
                        "chroot",
                        shop.rootfs(image).toString(),
                        "/usr/bin/python3",
                        "-c",
                        "import six; print(six.__version__)");
        assertThat(said.out().strip()).as(said.err()).isEqualTo("1.15.0");
    }

    @Test
    void aFailingStepIsNamedWithItsLine() {
        var order = ImageShop.order(ImageShop.plain(registry, "FROM " + shell, "RUN exit 7"));

        assertThatThrownBy(() -> shop.build(order))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("7");
    }

    @Test
    void whatEachStageSaysStaysWithItsLine() {
        var order =
                ImageShop.order(
                        ImageShop.plain(
                                registry,
                                "FROM " + shell + " AS first",
                                "ENV WORD=deep",
                                "RUN echo the first says $WORD > /said",
                                "FROM " + shell,
                                "COPY --from=first /said /said",
                                "LABEL of=second",
                                "RUN cat /said && exit 9"));

        assertThatThrownBy(() -> shop.build(order))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("line 7")
                .hasMessageContaining("the first says deep");
    }

    @Test
    void aWrongPasswordIsTold() {
        var order =
                ImageShop.order(
                        Map.of(
                                "dockerfile_str",
                                "FROM " + shell + "\n",
                                "registries",
                                Map.of(
                                        registry.address(),
                                        Map.of("username", "ada", "password", "wrong-password")),
                                "use_isolate",
                                false));

        assertThatThrownBy(() -> shop.build(order))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("refused the user and password")
                .hasMessageNotContaining("wrong-password");
    }

    @Test
    void aBuildThatIsGivenUpLeavesNoProcess() throws Exception {
        var order =
                ImageShop.order(
                        ImageShop.plain(
                                registry, "FROM " + shell, "RUN echo it sleeps; sleep 3600"));
        Thread caller =
                Thread.ofVirtual()
                        .start(() ->
                                assertThatThrownBy(() -> shop.build(order))
                                        .isInstanceOf(InterruptedException.class));
        await().until(() -> shop.said().lines().anyMatch("it sleeps"::equals));

        caller.interrupt();
        caller.join();

        await().untilAsserted(() ->
                assertThat(
                                ProcessHandle.allProcesses()
                                        .flatMap(each -> each.info().commandLine().stream())
                                        .filter(line ->
                                                line.contains("sleep 3600")
                                                        || line.contains(
                                                                shop.home().root().toString())))
                        .isEmpty());
    }
}
