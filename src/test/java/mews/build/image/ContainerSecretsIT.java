package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.model.Image;
import mews.model.Refusal;
import mews.testing.ContainersHere;
import mews.testing.GitRepositories;
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
import org.junit.jupiter.params.provider.CsvSource;

/// What the requirements of a container app sign in with stays out of its image.
@ContainersHere
class ContainerSecretsIT {
    private static final String STORED = "st0red/p@ss+w%rd!";
    private static final String LITERAL = "l1teral/p@ss:w+rd";
    private static final String FOLDER = "l1nks-t0ken-of-mine";
    private static final String TOKEN = "gh_t0ken-of-an-image";
    private static final String SIGNATURE = "s1gnature-of-mine";

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
        GitRepositories repositories = new GitRepositories(root);
        Map<String, String> files = new LinkedHashMap<>(MadeUp.project("mu_git", "1.0", "top"));
        MadeUp.project("mu_below", "2.0", "below")
                .forEach((name, text) -> files.put("projects/below/" + name, text));
        repositories.make("mine", files, "v1.0");
        SITES.git("/git/", repositories, TOKEN, "");
        SITES.signed("/signed/", SIGNATURE);
        put("/signed/", "mu_signed");
        put("/literal/files/", "mu_behind");
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

    @Test
    void archivesAndRepositoriesAreFetchedBesideTheImage() throws Exception {
        LeakWatch watch = new LeakWatch(root, List.of(TOKEN, SIGNATURE, "ann:" + LITERAL, FOLDER));
        Image image =
                watch.during(() ->
                        build(
                                "http://%s/signed/%s?Signature=%s"
                                        .formatted(
                                                SITES.host(),
                                                MadeUp.wheelName("mu_signed", "1.0"),
                                                SIGNATURE),
                                "mu_behind @ http://ann:%s@%s/literal/files/%s"
                                        .formatted(
                                                LeakWatch.encoded(LITERAL),
                                                SITES.host(),
                                                MadeUp.wheelName("mu_behind", "1.0")),
                                "mu_git @ git+http://%s@%s/git/mine.git@v1.0"
                                        .formatted(TOKEN, SITES.host()),
                                "git+http://%s@%s/git/mine.git#subdirectory=projects/below"
                                        .formatted(TOKEN, SITES.host())));

        for (String name : List.of("mu_signed", "mu_behind", "mu_git", "mu_below")) {
            assertThat(shop.rootfs(image)).isDirectoryRecursivelyContaining("glob:**" + name + "*");
        }
        assertThat(watch.seen()).isEmpty();
        assertThat(watch.inFiles()).isEmpty();
        assertThat(watch.forms()).noneMatch(shop.said()::contains);
    }

    @ParameterizedTest
    @CsvSource({
        "mu_git @ git+http://wr0ng-token@%s/git/mine.git, Authentication failed",
        "mu_git @ git+http://TOKEN@%s/git/mine.git@v9.9, v9.9",
        "git+http://TOKEN@%s/git/mine.git#subdirectory=nowhere, no folder nowhere",
        "http://ann:wr0ng-token@%s/literal/files/mu_behind-1.0-py3-none-any.whl, are wrong"
    })
    void whatCannotBeFetchedIsNamed(String requirement, String reason) {
        String text = requirement.replace("TOKEN", TOKEN).formatted(SITES.host());
        assertThatThrownBy(() -> build(text))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("requirements cannot be installed into the image")
                .hasMessageContaining(SITES.host())
                .hasMessageContaining(reason)
                .message()
                .doesNotContain("wr0ng-token", TOKEN);
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
