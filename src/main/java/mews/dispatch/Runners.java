package mews.dispatch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The runners of one app and which of them takes the next request. Not thread-safe.
final class Runners {
    /// One runner with its slots.
    static final class Room {
        final UUID id;
        final UUID revision;
        final int slots;
        final Set<Long> used = new HashSet<>();

        /// Slots kept for queued requests that are being leased.
        int kept;

        boolean open = true;

        /// Null until it reported any.
        @Nullable List<String> hints;

        Room(UUID id, UUID revision, int slots) {
            this.id = id;
            this.revision = revision;
            this.slots = slots;
        }

        int free() {
            return slots - used.size() - kept;
        }

        private boolean reported(String hint) {
            return hints != null && hints.contains(hint);
        }

        private boolean takesAnything() {
            return hints != null && hints.isEmpty();
        }
    }

    private final List<Room> rooms = new ArrayList<>();
    private int next;

    /// Set by the alias; only runners of it get requests.
    @Nullable UUID serving;

    void add(Room room) {
        rooms.add(room);
    }

    void remove(Room room) {
        int index = rooms.indexOf(room);
        rooms.remove(index);
        if (index < next) {
            next--;
        }
    }

    boolean isEmpty() {
        return rooms.isEmpty();
    }

    int size() {
        return rooms.size();
    }

    int inFlight() {
        return rooms.stream().mapToInt(room -> room.used.size()).sum();
    }

    int free() {
        return rooms.stream().filter(this::usable).mapToInt(Room::free).sum();
    }

    /// Round robin over free slots; among them first a runner that reported the hint, then one that
    /// takes anything. protocol: platform 3
    ///
    /// @return null if no slot is free
    @Nullable Room pick(@Nullable String hint) {
        Room found = null;
        if (hint != null) {
            found = first(room -> room.reported(hint));
            found = found == null ? first(Room::takesAnything) : found;
        }
        return found == null ? first(room -> true) : found;
    }

    private @Nullable Room first(Predicate<Room> fits) {
        int size = rooms.size();
        for (int i = 0; i < size; i++) {
            int index = (next + i) % size;
            Room room = rooms.get(index);
            if (usable(room) && room.free() > 0 && fits.test(room)) {
                next = (index + 1) % size;
                return room;
            }
        }
        return null;
    }

    /// Whether it may get requests at all.
    boolean usable(Room room) {
        return room.open && room.revision.equals(serving);
    }
}
