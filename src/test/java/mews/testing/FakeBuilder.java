package mews.testing;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import mews.base.Hashes;
import mews.build.EnvironmentBuilder;
import mews.build.LockedEnvironment;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Builds nothing and says so. A requirement `impossible` cannot be resolved, and `endless` builds
/// until its thread is interrupted.
public final class FakeBuilder implements EnvironmentBuilder {
    public final List<Order> orders = new CopyOnWriteArrayList<>();
    public final CountDownLatch interrupted = new CountDownLatch(1);

    /// Images that were lost from disk.
    public final Set<Image> missing = ConcurrentHashMap.newKeySet();

    /// Whether nothing can be restored.
    public volatile boolean vanished;

    @Override
    public Image build(Order order, Consumer<LogLine> lines) throws InterruptedException {
        orders.add(order);
        lines.accept(
                order.line(
                        Instant.now(),
                        LogLine.Level.INFO,
                        "resolving " + order.spec().requirements()));
        List<String> all = order.spec().requirements().stream().flatMap(List::stream).toList();
        if (all.contains("impossible")) {
            throw new Refusal(Refusal.Kind.INVALID, "no version of 'impossible' fits");
        }
        if (all.contains("endless")) {
            wait(order, lines);
        }
        return image(order);
    }

    @Override
    public @Nullable Image find(Order order) {
        return image(order);
    }

    @Override
    public boolean ready(Image image) {
        return !missing.contains(image);
    }

    @Override
    public void restore(Order order, Image image, Consumer<LogLine> lines) {
        orders.add(order);
        lines.accept(order.line(Instant.now(), LogLine.Level.INFO, "making it anew"));
        if (vanished) {
            throw new Refusal(Refusal.Kind.FAILED_PRECONDITION, "package 'six==1.0' vanished");
        }
        missing.remove(image);
    }

    @Override
    public LockedEnvironment lock(Order order, Image image) {
        List<LockedEnvironment.Package> packages =
                order.spec().requirements().stream()
                        .flatMap(List::stream)
                        .map(pin -> pin.split("=="))
                        .map(pin ->
                                new LockedEnvironment.Package(
                                        pin[0], pin[1], "https://index.test", List.of(), 1))
                        .toList();
        return new LockedEnvironment(image.pythonVersion(), order.machine(), null, packages);
    }

    private void wait(Order order, Consumer<LogLine> lines) throws InterruptedException {
        lines.accept(order.line(Instant.now(), LogLine.Level.INFO, "waiting"));
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
    }

    private static Image image(Order order) {
        String key = Hashes.sha256Hex(order.spec().toString() + order.spec().requirements());
        return new Image(key, order.spec().pythonVersion(), List.of(key.substring(0, 12)));
    }
}
