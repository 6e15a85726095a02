package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import mews.host.Command;
import mews.model.Refusal;
import mews.testing.ContainersHere;
import mews.testing.ImageShop;
import mews.testing.SmallDisk;
import mews.testing.TestImages;
import mews.testing.TestRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images on a disk that is too small.
@ContainersHere
class ContainerDiskIT {
    @TempDir private Path root;

    @Test
    void theEndOfTheDiskIsToldAndNothingOfTheBuildIsKept() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(root.resolve("disk"), 160);
                TestRegistry registry = TestRegistry.start();
                ImageShop shop = new ImageShop(disk.at(), ImageRules.STANDARD)) {
            String shell = registry.push("team/shell:1", TestImages.shell());
            Map<String, Object> large =
                    ImageShop.plain(
                            registry,
                            "FROM " + shell,
                            "RUN dd if=/dev/zero of=/large bs=1000000 count=400");
            long free = disk.at().toFile().getUsableSpace();

            assertFull(shop, large);

            assertThat(shop.builder().find(ImageShop.order(large))).isNull();
            assertThat(drafts(shop)).isEmpty();
            // No more than the base, which is of use to the next build.
            assertThat(free - disk.at().toFile().getUsableSpace()).isLessThan(60_000_000);
            Map<String, Object> small =
                    ImageShop.plain(registry, "FROM " + shell, "RUN echo next > /next");
            assertThat(shop.rootfs(shop.build(ImageShop.order(small))).resolve("next")).exists();
        }
    }

    @Test
    void aBaseThatDoesNotFitIsFetchedOnceThereIsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(root.resolve("disk"), 160);
                TestRegistry registry = TestRegistry.start();
                ImageShop shop = new ImageShop(disk.at(), ImageRules.STANDARD)) {
            Map<String, Object> node =
                    ImageShop.plain(
                            registry,
                            "FROM " + registry.push("team/node:1", TestImages.node()),
                            "RUN true");
            Path filler = disk.at().resolve("filler");
            fill(filler, disk.at().toFile().getUsableSpace() - 8_000_000);

            assertFull(shop, node);

            Files.delete(filler);
            assertThat(shop.builder().ready(shop.build(ImageShop.order(node)))).isTrue();
        }
    }

    private static void assertFull(ImageShop shop, Map<String, Object> table) {
        assertThatThrownBy(() -> shop.build(ImageShop.order(table)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("became full during the build")
                .hasMessageContaining("mews cache prune");
    }

    private static void fill(Path file, long bytes) {
        assertThat(
                        Command.run(
                                        Duration.ofSeconds(10),
                                        "fallocate",
                                        "-l",
                                        Long.toString(bytes),
                                        file.toString())
                                .ok())
                .isTrue();
    }

    private static String[] drafts(ImageShop shop) throws IOException {
        try (var all = Files.list(shop.home().images().resolve(".stores/local/drafts"))) {
            return all.map(Path::toString).toArray(String[]::new);
        }
    }
}
