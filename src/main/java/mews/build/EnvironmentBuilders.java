package mews.build;

import java.util.function.Consumer;
import mews.model.EnvironmentSpec;
import mews.model.Image;
import mews.model.LogLine;
import org.jspecify.annotations.Nullable;

/// Sends each environment to the builder of its kind.
public final class EnvironmentBuilders implements EnvironmentBuilder {
    private final EnvironmentBuilder managed;
    private final EnvironmentBuilder containers;
    private final boolean defaultImage;

    /// @param defaultImage whether a container that names no image gets one; else it is managed
    public EnvironmentBuilders(
            EnvironmentBuilder managed, EnvironmentBuilder containers, boolean defaultImage) {
        this.managed = managed;
        this.containers = containers;
        this.defaultImage = defaultImage;
    }

    @Override
    public Image build(Order order, Consumer<LogLine> lines) throws InterruptedException {
        Order meant = meant(order);
        return of(meant).build(meant, lines);
    }

    @Override
    public @Nullable Image find(Order order) {
        Order meant = meant(order);
        return of(meant).find(meant);
    }

    @Override
    public boolean ready(Image image) {
        return of(image).ready(image);
    }

    @Override
    public void restore(Order order, Image image, Consumer<LogLine> lines)
            throws InterruptedException {
        of(image).restore(meant(order), image, lines);
    }

    @Override
    public LockedEnvironment lock(Order order, Image image) {
        return of(image).lock(meant(order), image);
    }

    private EnvironmentBuilder of(Image image) {
        return image.root() == null ? managed : containers;
    }

    /// An image decides, whatever kind is written beside it: the official client sends a class with
    /// an image from its project file as `virtualenv`. protocol: control 4.1
    private EnvironmentBuilder of(Order meant) {
        boolean container =
                meant.spec().kind().equals("container") || !meant.spec().image().isEmpty();
        return container ? containers : managed;
    }

    /// Clients may ask for a container and leave the image to the server. protocol: control 4.1
    private Order meant(Order order) {
        EnvironmentSpec spec = order.spec();
        if (defaultImage || !spec.kind().equals("container") || !spec.image().isEmpty()) {
            return order;
        }
        return new Order(
                order.account(),
                order.environment(),
                order.app(),
                new EnvironmentSpec(
                        "virtualenv",
                        spec.pythonVersion(),
                        spec.requirements(),
                        spec.resolver(),
                        spec.image()),
                order.machine(),
                order.files(),
                order.force());
    }
}
