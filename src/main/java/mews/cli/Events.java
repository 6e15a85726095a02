package mews.cli;

import java.io.BufferedReader;
import java.io.IOException;

/// Server-sent events.
final class Events {
    @FunctionalInterface
    interface Listener {
        /// @param event its name, `message` if it has none
        void event(String event, String data) throws IOException;
    }

    private Events() {}

    /// Until the stream ends.
    static void read(BufferedReader lines, Listener listener) throws IOException {
        String event = "message";
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    listener.event(event, data.substring(0, data.length() - 1));
                }
                event = "message";
                data.setLength(0);
            } else if (line.startsWith("event:")) {
                event = value(line);
            } else if (line.startsWith("data:")) {
                data.append(value(line)).append('\n');
            }
        }
        if (!data.isEmpty()) {
            listener.event(event, data.substring(0, data.length() - 1));
        }
    }

    private static String value(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }
}
