package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import mews.model.Refusal;
import mews.testing.SmallDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The state folder on a disk that is too small.
class DiskFullIT {
    private static final int MEGA = 1_000_000;

    @TempDir private Path root;

    @Test
    void aBuildThatMeetsTheEndOfTheDiskSaysSoAndLeavesNothing() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(root.resolve("disk"), 160);
                TinyBench bench = new TinyBench(disk.at(), 0)) {
            bench.index.add("small", "1.0", "here", MEGA);
            bench.index.add("large", "1.0", "here", 400 * MEGA);
            bench.build(false, List.of("small"));

            assertThatThrownBy(() -> bench.build(false, List.of("large")))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("became full during the build")
                    .hasMessageContaining("mews cache prune");
            await().untilAsserted(() -> assertThat(bench.drafts()).isEmpty());
            assertThat(bench.builder.find(bench.order(false, List.of("large")))).isNull();

            bench.lose();
            bench.index.add("other", "1.0", "here", MEGA);
            assertThat(bench.ask(bench.build(false, List.of("other")), "other", "VERSION"))
                    .isEqualTo("1.0");
        }
    }

    @Test
    void aBuildDoesNotBeginWithTooLittleRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(root.resolve("disk"), 160);
                TinyBench bench = new TinyBench(disk.at(), 1000L * MEGA)) {
            bench.index.add("small", "1.0");

            assertThatThrownBy(() -> bench.build(false, List.of("small")))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("MB free")
                    .hasMessageContaining("1000 MB or more")
                    .hasMessageContaining("cache.free_mb");
            assertThat(bench.index.asked()).isZero();
        }
    }
}
