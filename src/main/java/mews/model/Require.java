package mews.model;

/// Checks that records of this room make on their numbers.
final class Require {
    private Require() {}

    static void atLeast(String name, long bound, long value) {
        if (value < bound) {
            throw new IllegalArgumentException(
                    "%s must be %d or more, was %d".formatted(name, bound, value));
        }
    }

    static void that(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
