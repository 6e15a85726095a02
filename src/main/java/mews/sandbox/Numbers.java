package mews.sandbox;

import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;

/// Small numbers, each in use once. Thread-safe.
final class Numbers {
    private final ReentrantLock lock = new ReentrantLock();
    private final BitSet taken = new BitSet();

    /// @return the least that is free
    int take() {
        lock.lock();
        try {
            int free = taken.nextClearBit(0);
            taken.set(free);
            return free;
        } finally {
            lock.unlock();
        }
    }

    void give(int number) {
        lock.lock();
        try {
            taken.clear(number);
        } finally {
            lock.unlock();
        }
    }
}
