package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.model.Image;
import mews.model.Refusal;
import mews.testing.ContainersHere;
import mews.testing.ImageShop;
import mews.testing.LeakWatch;
import mews.testing.MadeUp;
import mews.testing.PackageSites;
import mews.testing.TestImages;
import mews.testing.TestRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the requirements of a container app sign in with stays out of its image.
@ContainersHere
class ContainerSecretsIT {
    private static final String STORED = "st0red/p@ss+w%rd!";
    private static final String LITERAL = "l1teral/p@ss:w+rd";
    private static final String FOLDER = "l1nks-t0ken-of-mine";

    @TempDir private static Path root;

    private static final PackageSites SITES = new PackageSites();
    private static TestRegistry registry;
    private static ImageShop shop;
    private static String python;

    @BeforeAll
    static void open() throws Exception {
        registry = TestRegistry.start();
        python = registry.push("team/python:1", TestImages.python());
        shop = new ImageShop(root, ImageRules.STANDARD);
        shop.secrets().put("INDEX_PASSWORD", STORED);
        shop.secrets().put("LINKS_TOKEN", FOLDER);
        SITES.index("/stored/", "bob", STORED);
        SITES.index("/literal/", "ann", LITERAL);
        SITES.links("/links/" + FOLDER + "/");
        put("/stored/files/", "mu_stored");
        put("/literal/files/", "mu_literal");
        put("/links/" + FOLDER + "/", "mu_linked");
    }

    private static void put(String place, String name) {
        SITES.put(
                place,
                MadeUp.wheelName(name, "1.0"),
                MadeUp.wheel(name, "1.0", MadeUp.ANYWHERE, name, List.of()));
    }

    @AfterAll
    static void close() throws Exception {
        SITES.close();
        shop.close();
        registry.close();
    }

    @Test
    void passwordsOfIndexesAreNowhere() throws Exception {
        String host = SITES.host();
        LeakWatch watch =
                new LeakWatch(
                        root, List.of(STORED, LITERAL, FOLDER, "bob:" + STORED, "ann:" + LITERAL));
        Image image =
                watch.during(() ->
                        build(
                                "mu_stored",
                                "--extra-index-url=http://bob:${INDEX_PASSWORD}@"
                                        + host
                                        + "/stored/",
                                "mu_literal",
                                "--extra-index-url",
                                "http://ann:%s@%s/literal/"
                                        .formatted(LeakWatch.encoded(LITERAL), host),
                                "mu_linked",
                                "--find-links=http://" + host + "/links/${LINKS_TOKEN}/"));

        assertThat(shop.rootfs(image)).isDirectoryRecursivelyContaining("glob:**mu_linked*");
        assertThat(watch.seen()).isEmpty();
        assertThat(watch.inFiles()).isEmpty();
        assertThat(watch.forms()).noneMatch(shop.said()::contains);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://%s/signed/mu_signed-1.0.tar.gz?Signature=s1gnature-of-mine",
                "mu_signed @ http://ann:s1gnature-of-mine@%s/signed/mu_signed-1.0.tar.gz",
                "git+http://s1gnature-of-mine@%s/git/mine.git@v1.0",
                "http://%s/${LINKS_TOKEN}/mu_signed-1.0.tar.gz"
            })
    void whatAnImageWouldShowIsRefused(String requirement) {
        assertThatThrownBy(() -> build(requirement.formatted(SITES.host())))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(SITES.host())
                .hasMessageContaining("with a build secret")
                .message()
                .doesNotContain("s1gnature-of-mine", FOLDER);
    }

    private static Image build(String... requirements) throws InterruptedException {
        return shop.build(
                ImageShop.order(
                        "local",
                        Map.of("image", python, "registries", registry.login()),
                        List.of(List.of(requirements)),
                        List.of(),
                        false));
    }
}
