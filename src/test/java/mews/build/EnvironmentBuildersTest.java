package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import mews.model.EnvironmentSpec;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.MachineKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Which builder gets what. protocol: control 4.1
class EnvironmentBuildersTest {
    private final Asked managed = new Asked();
    private final Asked containers = new Asked();

    /// Has no image of anything.
    private static final class Asked implements EnvironmentBuilder {
        private final List<String> kinds = new ArrayList<>();

        @Override
        public Image build(Order order, Consumer<LogLine> lines) {
            throw new UnsupportedOperationException("only asked for what is there");
        }

        @Override
        public @Nullable Image find(Order order) {
            kinds.add(order.spec().kind());
            return null;
        }

        @Override
        public boolean ready(Image image) {
            return false;
        }

        @Override
        public void restore(Order order, Image image, Consumer<LogLine> lines) {
            throw new UnsupportedOperationException("only asked for what is there");
        }

        @Override
        public LockedEnvironment lock(Order order, Image image) {
            throw new UnsupportedOperationException("only asked for what is there");
        }
    }

    private void find(boolean defaultImage, String kind, Map<String, Object> image) {
        EnvironmentSpec spec = new EnvironmentSpec(kind, "3.12", List.of(), null, image);
        new EnvironmentBuilders(managed, containers, defaultImage)
                .find(
                        new EnvironmentBuilder.Order(
                                "local", "main", null, spec, MachineKind.CPU, List.of(), false));
    }

    @Test
    void anImageDecidesWhateverKindIsWrittenBesideIt() {
        find(false, "virtualenv", Map.of("image", "a"));
        find(false, "container", Map.of("image", "a"));
        find(true, "virtualenv", Map.of());

        assertThat(containers.kinds).containsExactly("virtualenv", "container");
        assertThat(managed.kinds).containsExactly("virtualenv");
    }

    @Test
    void aContainerWithoutAnImageIsManagedUnlessThereIsADefaultOne() {
        find(false, "container", Map.of());
        find(true, "container", Map.of());

        assertThat(managed.kinds).containsExactly("virtualenv");
        assertThat(containers.kinds).containsExactly("container");
    }
}
