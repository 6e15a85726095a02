package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/// What the operator says about images in `mews.toml`.
@ContainersHere
class ContainerRulesIT {
    @TempDir private static Path root;

    private static TestRegistry mirror;
    private static ImageShop shop;

    @BeforeAll
    static void open() throws Exception {
        mirror = TestRegistry.open();
        mirror.push("library/shell:1", TestImages.shell());
        mirror.push(
                "my-org/container-app:latest",
                TestImages.shell().with("Cmd", List.of("your-server")));
        shop =
                new ImageShop(
                        root.resolve("shop"),
                        new ImageRules("shell:1", mirror.address(), "", List.of()));
    }

    @AfterAll
    static void close() throws Exception {
        shop.close();
        mirror.close();
    }

    /// As documented, whose login is for docker.io itself and no mirror's business.
    @Test
    void whatIsOnDockersRegistryComesFromTheMirror() throws Exception {
        shop.secrets().put("DOCKERHUB_TOKEN", "dckr-pat-of-nobody");
        Image image =
                shop.build(
                        ImageShop.order(
                                Map.of(
                                        "image",
                                        "my-org/container-app:latest",
                                        "registries",
                                        Map.of(
                                                "https://index.docker.io/v1/",
                                                Map.of(
                                                        "username",
                                                        "myuser",
                                                        "password",
                                                        "$DOCKERHUB_TOKEN")),
                                        "use_isolate",
                                        false)));

        assertThat(shop.layout().settings(String.valueOf(image.root())).command())
                .containsExactly("your-server");
        assertThat(shop.said()).doesNotContain("dckr-pat");
    }

    @Test
    void aShortNameInADockerfileComesFromTheMirror() throws Exception {
        Image image =
                shop.build(
                        ImageShop.order(
                                Map.of(
                                        "dockerfile_str",
                                        "FROM shell:1\nRUN echo short > /name\n",
                                        "use_isolate",
                                        false)));

        assertThat(shop.rootfs(image).resolve("name")).content().isEqualTo("short\n");
    }

    @Test
    void whoNamesNoImageGetsTheDefaultOne() throws Exception {
        Image image = shop.build(ImageShop.order(Map.of("use_isolate", false)));

        assertThat(shop.rootfs(image).resolve("usr/bin/sh")).exists();
    }

    @Test
    void aRegistryOfTheNeighbourhoodMayDoWithoutTlsIfTheOperatorSaysSo() throws Exception {
        Optional<String> address = addressOfThisMachine();
        assumeTrue(address.isPresent(), "this machine has an address besides loopback");
        try (TestRegistry near = TestRegistry.at(address.orElseThrow())) {
            Map<String, Object> table =
                    Map.of(
                            "image",
                            near.push("team/shell:1", TestImages.shell()),
                            "registries",
                            near.login(),
                            "use_isolate",
                            false);
            ImageRules rules = new ImageRules("", "", "", List.of(near.address()));
            try (ImageShop trusting = new ImageShop(root.resolve("trusting"), rules)) {
                Image image = trusting.build(ImageShop.order(table));
                assertThat(trusting.rootfs(image).resolve("usr/bin/sh")).exists();
            }
            assertThatThrownBy(() -> shop.build(ImageShop.order(table)))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("registry " + near.address())
                    .hasMessageContaining("insecure_registries");
        }
    }

    private static Optional<String> addressOfThisMachine() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst();
    }
}
