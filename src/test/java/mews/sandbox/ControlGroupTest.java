package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import mews.host.Cgroups;
import mews.sandbox.SandboxSpec.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On an ordinary folder: what would be written, for the version that this host may not have.
class ControlGroupTest {
    private static final Limits LIMITS = new Limits(512_000_000L, 500, 20);

    @TempDir private Path place;

    @Test
    void limitsOfTheSecondVersion() throws IOException {
        Path group = Files.createDirectories(place.resolve("a-1"));
        for (String file : new String[] {"memory.max", "cpu.max", "pids.max"}) {
            Files.createFile(group.resolve(file));
        }
        var cgroups = new Cgroups(2, Map.of("memory", place, "cpu", place, "pids", place), "");

        var made = ControlGroup.make(cgroups, "a-1", LIMITS);

        assertThat(group.resolve("memory.max")).hasContent("512000000");
        assertThat(group.resolve("cpu.max")).hasContent("50000 100000");
        assertThat(group.resolve("pids.max")).hasContent("23");
        assertThat(made.doors()).containsExactly(group.resolve("cgroup.procs").toString());
    }

    @Test
    void limitsOfTheFirstVersion() throws IOException {
        Path memory = Files.createDirectories(place.resolve("memory"));
        Path cpu = Files.createDirectories(place.resolve("cpu"));
        var cgroups = new Cgroups(1, Map.of("memory", memory, "cpu", cpu), "pids: not mounted");

        var made = ControlGroup.make(cgroups, "a-1", LIMITS);

        assertThat(memory.resolve("a-1/memory.limit_in_bytes")).hasContent("512000000");
        assertThat(cpu.resolve("a-1/cpu.cfs_quota_us")).hasContent("50000");
        assertThat(made.doors()).hasSize(2);
    }

    @Test
    void workInTheBackgroundYields() throws IOException {
        Path cpu = Files.createDirectories(place.resolve("cpu"));

        ControlGroup.make(new Cgroups(1, Map.of("cpu", cpu), ""), "a-1", Limits.LEFTOVERS);
        ControlGroup.make(new Cgroups(2, Map.of("cpu", cpu), ""), "a-2", Limits.LEFTOVERS);

        assertThat(cpu.resolve("a-1/cpu.shares")).hasContent("2");
        assertThat(cpu.resolve("a-2/cpu.weight")).hasContent("1");
    }

    @Test
    void memoryKillsAreReadFromEitherVersion() throws IOException {
        var cgroups = new Cgroups(2, Map.of("memory", place), "");
        var made = ControlGroup.make(cgroups, "a-1", Limits.NONE);
        assertThat(made.memoryKills()).isZero();

        Files.writeString(place.resolve("a-1/memory.events"), "low 0\noom 3\noom_kill 2\n");

        assertThat(made.memoryKills()).isEqualTo(2);
    }
}
