package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.model.Image;
import mews.model.Refusal;
import mews.testing.BreakingRegistry;
import mews.testing.ContainersHere;
import mews.testing.ImageShop;
import mews.testing.TestImages;
import mews.testing.TestRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What registries answer, and what comes of it.
@ContainersHere
class ContainerRegistryIT {
    @TempDir private static Path root;

    private static TestRegistry registry;
    private static ImageShop shop;
    private static String shell;

    @BeforeAll
    static void open() throws Exception {
        registry = TestRegistry.start();
        shell = registry.push("team/shell:1", TestImages.shell());
        shop = new ImageShop(root, ImageRules.STANDARD);
    }

    @AfterAll
    static void close() throws Exception {
        shop.close();
        registry.close();
    }

    @Test
    void aWrongPasswordIsToldWithTheRegistry() {
        assertThatThrownBy(() -> shop.build(ImageShop.order(image(shell, login("wrong-password")))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("registry " + registry.address())
                .hasMessageContaining("refused the user and password that were sent")
                .hasMessageNotContaining("wrong-password");
    }

    @Test
    void aMissingLoginIsToldWithTheRemedy() {
        assertThatThrownBy(() -> shop.build(ImageShop.order(image(shell, Map.of()))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("asks for a login and none was given")
                .hasMessageContaining("registries = ");
    }

    @Test
    void anUnknownTagIsTold() {
        assertThatThrownBy(() ->
                        shop.build(
                                ImageShop.order(
                                        image(
                                                registry.address() + "/team/shell:nope",
                                                registry.login()))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("has no team/shell:nope; check name and tag");
    }

    @Test
    void aLoginFromSecretsThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> shop.build(ImageShop.order(image(shell, login("$NOT_SET")))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("uses $NOT_SET, but there is no secret of that name");
    }

    @Test
    void anImageForAnotherProcessorIsRefusedBeforeAnyStep() throws Exception {
        String other = registry.push("team/other:1", TestImages.shell().of("s390x"));

        assertThatThrownBy(() -> shop.build(ImageShop.order(image(other, registry.login()))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("linux/s390x");
    }

    @Test
    void aRegistryThatHangsUpInTheMiddleIsToldAndNothingIsKept() throws Exception {
        try (BreakingRegistry breaking = new BreakingRegistry(registry)) {
            String reference = breaking.address() + "/team/shell:1";
            Map<String, Object> login =
                    Map.of(
                            breaking.address(),
                            Map.of(
                                    "username",
                                    TestRegistry.USER,
                                    "password",
                                    TestRegistry.PASSWORD));
            var order =
                    ImageShop.order(
                            "breaking", image(reference, login), List.of(), List.of(), false);

            assertThatThrownBy(() -> shop.build(order))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("registry " + breaking.address() + " broke off");
            assertThat(breaking.broken()).isBetween(1, 40);
            assertThat(shop.builder().find(order)).isNull();
        }
    }

    @Test
    void aRegistryThatIsNotThereIsTold() {
        assertThatThrownBy(() ->
                        shop.build(ImageShop.order(image("127.0.0.1:9/team/shell:1", Map.of()))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("registry 127.0.0.1:9 cannot be reached");
    }

    @Test
    void whatOneAccountFetchedNeverServesAnother() throws Exception {
        var dockerfile = ImageShop.plain(registry, "FROM " + shell, "RUN echo private");
        shop.build(ImageShop.order("owner", dockerfile, List.of(), List.of(), false));
        Map<String, Object> without =
                Map.of(
                        "dockerfile_str",
                        String.valueOf(dockerfile.get("dockerfile_str")),
                        "use_isolate",
                        false);

        assertThatThrownBy(() ->
                        shop.build(
                                ImageShop.order("stranger", without, List.of(), List.of(), false)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("asks for a login");
        // Nor the same account without its login.
        assertThatThrownBy(() ->
                        shop.build(ImageShop.order("owner", without, List.of(), List.of(), false)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("asks for a login");
    }

    @Test
    void aMovedTagIsNoticedAndShown() throws Exception {
        String moving = registry.push("team/moving:1", TestImages.shell());
        var order = ImageShop.order(ImageShop.plain(registry, "FROM " + moving, "RUN echo moved"));
        Image first = shop.build(order);
        registry.push(
                "team/moving:1", TestImages.shell().with("Env", List.of("PATH=/bin", "NEW=1")));
        Image second = shop.build(order);

        assertThat(second).isNotEqualTo(first);
        assertThat(shop.said())
                .containsPattern("base %s moved from sha256:\\w+ to sha256:\\w+".formatted(moving));
        assertThat(shop.layout().settings(String.valueOf(second.root())).environment())
                .containsEntry("NEW", "1");
        assertThat(shop.builder().ready(first)).isTrue();
    }

    @Test
    void aBaseIsSharedByStagesAndNames() throws Exception {
        Image image =
                shop.build(
                        ImageShop.order(
                                ImageShop.plain(
                                        registry,
                                        "FROM " + shell + " AS made",
                                        "RUN echo one > /one",
                                        "FROM made AS more",
                                        "RUN echo two > /two",
                                        "FROM " + shell,
                                        "COPY --from=more /one /two /")));

        assertThat(shop.rootfs(image).resolve("two")).content().isEqualTo("two\n");
    }

    private static Map<String, Object> login(String password) {
        return Map.of(
                registry.address(), Map.of("username", TestRegistry.USER, "password", password));
    }

    private static Map<String, Object> image(String reference, Map<String, Object> logins) {
        return Map.of("image", reference, "registries", logins, "use_isolate", false);
    }
}
