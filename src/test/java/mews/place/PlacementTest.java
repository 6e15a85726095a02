package mews.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import mews.model.MachineCatalog;
import mews.model.MachineKind;
import mews.model.MachineType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
    private static final Placement.Node ROOMY =
            new Placement.Node("", 4_000_000_000L, 500_000_000L, 0, 0);

    @Test
    void takesTheFirstTypeThatFits() {
        MachineCatalog catalog =
                new MachineCatalog(
                        Map.of(
                                "GPU-H100",
                                        new MachineType("GPU-H100", MachineKind.GPU, 12000, 1L, 1),
                                "S", new MachineType("S", MachineKind.CPU, 1000, 1L, 0)));
        assertThat(Placement.choose(List.of("GPU-H100", "S"), List.of(), 0, catalog, ROOMY))
                .isEqualTo(
                        new Placement.Answer.Placed(
                                new MachineType("S", MachineKind.CPU, 1000, 1L, 0)));
    }

    @Test
    void tellsForEachTypeWhyItHasToWait() {
        Placement.Node full = new Placement.Node("", 100_000_000L, 500_000_000L, 0, 0);
        assertThat(
                        Placement.choose(
                                List.of("S", "GPU-A"),
                                List.of(),
                                0,
                                MachineCatalog.standard(),
                                full))
                .isEqualTo(
                        new Placement.Answer.NoRoom(
                                "S has to wait for memory: 100 MB are free, 500 MB are kept for the host;"
                                        + " GPU-A is not offered here"));
    }

    @Test
    void keepsToTheRegionsTheAppAllows() {
        Placement.Node east = new Placement.Node("us-east", 4_000_000_000L, 0, 0, 0);
        assertThat(
                        Placement.choose(
                                List.of("S"),
                                List.of("eu-west"),
                                0,
                                MachineCatalog.standard(),
                                east))
                .isEqualTo(
                        new Placement.Answer.NoRoom(
                                "this host serves region us-east, the app allows only eu-west"));
        assertThat(
                        Placement.choose(
                                List.of("S"),
                                List.of("eu-west"),
                                0,
                                MachineCatalog.standard(),
                                ROOMY))
                .isInstanceOf(Placement.Answer.Placed.class);
    }

    /// `num_gpus` devices, or as many as the type says; a CPU type never gets any.
    @ParameterizedTest
    @CsvSource({
        "GPU-X, 0, 1, ''",
        "GPU-X, 2, 2, ''",
        "GPU-X, 2, 1, 'GPU-X needs 2 GPUs; 1 of the 4 here are free'",
        "GPU-X2, 1, 1, 'GPU-X2 needs 2 GPUs; 1 of the 4 here are free'",
        "CPU-X, 8, 0, ''"
    })
    void handsOutFreeAcceleratorsOnly(String type, int asked, int free, String reason) {
        MachineCatalog catalog =
                new MachineCatalog(
                        Map.of(
                                "GPU-X", new MachineType("GPU-X", MachineKind.GPU, 1, 1L, 1),
                                "GPU-X2", new MachineType("GPU-X2", MachineKind.GPU, 1, 1L, 2),
                                "CPU-X", new MachineType("CPU-X", MachineKind.CPU, 1, 1L, 0)));
        Placement.Node node = new Placement.Node("", 4_000_000_000L, 0, free, 4);

        Placement.Answer answer = Placement.choose(List.of(type), List.of(), asked, catalog, node);

        assertThat(answer)
                .isEqualTo(
                        reason.isEmpty()
                                ? new Placement.Answer.Placed(catalog.types().get(type))
                                : new Placement.Answer.NoRoom(reason));
    }
}
