package mews.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private final List<Integer> written = Collections.synchronizedList(new ArrayList<>());

    @Test
    void writesAllInOrder() {
        try (Batcher<Integer> batcher = Batcher.start("test", 10_000, written::addAll)) {
            IntStream.range(0, 5000).forEach(batcher::add);
            batcher.flush();
            assertThat(written).isEqualTo(IntStream.range(0, 5000).boxed().toList());
        }
    }

    @Test
    void dropsTheOldestThatWaitAndCountsThem() {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch began = new CountDownLatch(1);
        Batcher<Integer> batcher =
                Batcher.start(
                        "test",
                        3,
                        batch -> {
                            began.countDown();
                            awaitUninterrupted(stuck);
                            written.addAll(batch);
                        });
        batcher.add(0);
        awaitUninterrupted(began);
        IntStream.rangeClosed(1, 5).forEach(batcher::add);
        assertThat(batcher.takeDropped()).isEqualTo(2);
        assertThat(batcher.takeDropped()).isZero();
        stuck.countDown();
        batcher.close();
        assertThat(written).containsExactly(0, 3, 4, 5);
    }

    @Test
    void writesAgainWhatFailed() {
        AtomicInteger attempts = new AtomicInteger();
        try (Batcher<Integer> batcher =
                Batcher.start(
                        "test",
                        10,
                        batch -> {
                            if (attempts.getAndIncrement() == 0) {
                                throw new IllegalStateException("not now");
                            }
                            written.addAll(batch);
                        })) {
            batcher.add(1);
            batcher.flush();
            assertThat(written).containsExactly(1);
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
