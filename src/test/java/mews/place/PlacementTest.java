package mews.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import mews.model.MachineCatalog;
import mews.model.MachineKind;
import mews.model.MachineType;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final Placement.Node ROOMY =
            new Placement.Node("", 4_000_000_000L, 500_000_000L, 0);

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
        Placement.Node full = new Placement.Node("", 100_000_000L, 500_000_000L, 0);
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
        Placement.Node east = new Placement.Node("us-east", 4_000_000_000L, 0, 0);
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
}
