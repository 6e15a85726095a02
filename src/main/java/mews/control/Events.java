package mews.control;

/// An answer of server-sent events that goes on until the caller leaves.
final class Events {
    private final Exchange exchange;
    private final Hangup hangup;

    Events(Exchange exchange, Hangup hangup) {
        this.exchange = exchange;
        this.hangup = hangup;
    }

    Hangup hangup() {
        return hangup;
    }

    /// @param data one line, such as JSON
    void send(String data) {
        exchange.write("data: " + data + "\n\n");
    }

    /// Keeps proxies from closing a silent stream.
    void beat() {
        exchange.write(": still here\n\n");
    }
}
