package mews.testing;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import mews.base.Hashes;
import mews.build.EnvironmentBuilder;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Builds nothing and says so. A requirement `impossible` cannot be resolved, and `endless` builds
/// until its thread is interrupted.
public final class FakeBuilder implements EnvironmentBuilder {
    public final List<Order> orders = new CopyOnWriteArrayList<>();
    public final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public Image build(Order order, Consumer<LogLine> lines) throws InterruptedException {
        orders.add(order);
        lines.accept(line(order, "resolving " + order.spec().requirements()));
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

    private void wait(Order order, Consumer<LogLine> lines) throws InterruptedException {
        lines.accept(line(order, "waiting"));
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
    }

    private static Image image(Order order) {
        String key = Hashes.sha256Hex(order.spec().toString());
        return new Image(key, order.spec().pythonVersion(), List.of(key.substring(0, 12)));
    }

    private static LogLine line(Order order, String message) {
        return new LogLine(
                Instant.now(),
                LogLine.Level.INFO,
                LogLine.Source.BUILDER,
                order.account(),
                null,
                null,
                null,
                null,
                message);
    }
}
