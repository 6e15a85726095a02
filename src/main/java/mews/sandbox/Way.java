package mews.sandbox;

import mews.sandbox.Egress.Passage;
import org.jspecify.annotations.Nullable;

/// The way of one process to the outer world.
///
/// @param passage its network; null = this host's, or one that is made with it
/// @param proxy null = it has none
record Way(@Nullable Passage passage, @Nullable EgressProxy proxy) implements AutoCloseable {
    static final Way NONE = new Way(null, null);

    @Override
    public void close() {
        if (passage != null) {
            passage.close();
        }
        if (proxy != null) {
            proxy.close();
        }
    }
}
