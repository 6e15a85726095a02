package mews.sandbox;

import mews.sandbox.Egress.Connection;
import mews.sandbox.Egress.Passage;
import org.jspecify.annotations.Nullable;

/// The way of one process to the outer world.
///
/// @param passage its network; null = this host's, or one that is made with it
/// @param proxy null = it has none
/// @param connection of a network that it made itself; null = there is none
record Way(@Nullable Passage passage, @Nullable EgressProxy proxy, @Nullable Connection connection)
        implements AutoCloseable {
    static final Way NONE = new Way(null, null);

    Way(@Nullable Passage passage, @Nullable EgressProxy proxy) {
        this(passage, proxy, null);
    }

    @Override
    public void close() {
        if (passage != null) {
            passage.close();
        }
        if (proxy != null) {
            proxy.close();
        }
        if (connection != null) {
            connection.close();
        }
    }
}
