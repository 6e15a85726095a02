package mews.sandbox;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The way of sandboxed processes to the internet, where this host can give one. Thread-safe.
interface Egress extends AutoCloseable {
    /// A network namespace for one process, given back by closing it.
    interface Passage extends AutoCloseable {
        /// What to put before a command so that it starts in there.
        List<String> enter();

        /// Who answers name queries in there.
        List<String> nameservers();

        @Override
        void close();
    }

    /// @return null where there is no way; the process then has its own loopback only
    @Nullable Passage open() throws IOException;

    /// For people.
    String summary();

    @Override
    void close();

    /// @param reason why there is none
    static Egress none(String reason) {
        return new Egress() {
            @Override
            public @Nullable Passage open() {
                return null;
            }

            @Override
            public String summary() {
                return "no way to the internet (" + reason + ")";
            }

            @Override
            public void close() {}
        };
    }
}
