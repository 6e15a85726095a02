package mews.queue;

import java.util.Arrays;

/// Waiting requests of one app and class in order of their sequence numbers. Adding at the end and
/// taking from the head are cheap, the position of any is found in O(log n). Not thread-safe.
final class Lane {
    private long[] sequence = new long[16];
    private long[] submitted = new long[16];
    private int head;
    private int tail;

    int size() {
        return tail - head;
    }

    /// @param at submission time in milliseconds
    void add(long number, long at) {
        makeRoom();
        int index = tail;
        if (size() > 0 && sequence[tail - 1] >= number) {
            int found = Arrays.binarySearch(sequence, head, tail, number);
            if (found >= 0) {
                return;
            }
            index = -found - 1;
            System.arraycopy(sequence, index, sequence, index + 1, tail - index);
            System.arraycopy(submitted, index, submitted, index + 1, tail - index);
        }
        sequence[index] = number;
        submitted[index] = at;
        tail++;
    }

    void remove(long number) {
        int index = Arrays.binarySearch(sequence, head, tail, number);
        if (index < 0) {
            return;
        }
        if (index - head < tail - index) {
            System.arraycopy(sequence, head, sequence, head + 1, index - head);
            System.arraycopy(submitted, head, submitted, head + 1, index - head);
            head++;
        } else {
            System.arraycopy(sequence, index + 1, sequence, index, tail - index - 1);
            System.arraycopy(submitted, index + 1, submitted, index, tail - index - 1);
            tail--;
        }
    }

    /// @return how many come before `number`
    int rank(long number) {
        int index = Arrays.binarySearch(sequence, head, tail, number);
        return (index < 0 ? -index - 1 : index) - head;
    }

    long sequenceAt(int position) {
        return sequence[head + position];
    }

    long submittedAt(int position) {
        return submitted[head + position];
    }

    private void makeRoom() {
        if (tail < sequence.length) {
            return;
        }
        // Half empty in front: move down, else grow. Either way each element moves rarely.
        int size = size();
        int capacity = size > sequence.length / 2 ? sequence.length * 2 : sequence.length;
        long[] numbers = new long[capacity];
        long[] times = new long[capacity];
        System.arraycopy(sequence, head, numbers, 0, size);
        System.arraycopy(submitted, head, times, 0, size);
        sequence = numbers;
        submitted = times;
        head = 0;
        tail = size;
    }
}
