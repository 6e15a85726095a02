package mews.build;

import java.util.function.Consumer;
import mews.model.Image;
import mews.model.LogLine;
import org.jspecify.annotations.Nullable;

/// Sends each environment to the builder of its kind.
public final class EnvironmentBuilders implements EnvironmentBuilder {
    private final EnvironmentBuilder managed;
    private final EnvironmentBuilder containers;

    public EnvironmentBuilders(EnvironmentBuilder managed, EnvironmentBuilder containers) {
        this.managed = managed;
        this.containers = containers;
    }

    @Override
    public Image build(Order order, Consumer<LogLine> lines) throws InterruptedException {
        return of(order).build(order, lines);
    }

    @Override
    public @Nullable Image find(Order order) {
        return of(order).find(order);
    }

    @Override
    public boolean ready(Image image) {
        return of(image).ready(image);
    }

    @Override
    public void restore(Order order, Image image, Consumer<LogLine> lines)
            throws InterruptedException {
        of(image).restore(order, image, lines);
    }

    @Override
    public LockedEnvironment lock(Order order, Image image) {
        return of(image).lock(order, image);
    }

    private EnvironmentBuilder of(Image image) {
        return image.root() == null ? managed : containers;
    }

    /// An image decides, whatever kind is written beside it: the official client sends a class with
    /// an image from its project file as `virtualenv`. protocol: control 4.1
    private EnvironmentBuilder of(Order order) {
        boolean container =
                order.spec().kind().equals("container") || !order.spec().image().isEmpty();
        return container ? containers : managed;
    }
}
