package mews.sandbox;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The way of sandboxed processes to the internet by an interface of their own, where this host can
/// give one. Thread-safe.
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

    /// @return null where there is none; the process then has its own loopback and the egress proxy
    @Nullable Passage open() throws IOException;

    /// A way for a process that makes its network namespace itself.
    ///
    /// @return null where there is no way
    default @Nullable Connection connect() throws IOException {
        return null;
    }

    /// What connects a network namespace once the process that is in it is known.
    interface Connection extends AutoCloseable {
        /// Name of the host's end.
        String device();

        /// Largest packet.
        int mtu();

        /// Address of the host's end.
        String here();

        /// Address of the end in the namespace.
        String there();

        List<String> nameservers();

        @Override
        void close();
    }

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
                return "internet through the egress proxy, programs must honour HTTPS_PROXY (%s)"
                        .formatted(reason);
            }

            @Override
            public void close() {}
        };
    }
}
