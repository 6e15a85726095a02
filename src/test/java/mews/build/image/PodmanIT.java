package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.host.Command;
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

/// Builds where podman is the builder.
@ContainersHere
class PodmanIT {
    @TempDir private static Path root;

    private static TestRegistry registry;
    private static ImageShop shop;
    private static String shell;

    @BeforeAll
    static void open() throws Exception {
        registry = TestRegistry.start();
        shell = registry.push("team/shell:1", TestImages.shell());
        shop = new ImageShop(root, new ImageRules("", "", "podman", List.of()));
    }

    @AfterAll
    static void close() throws Exception {
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
}
