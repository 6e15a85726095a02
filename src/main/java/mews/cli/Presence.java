package mews.cli;

import java.io.IOException;
import java.io.OutputStream;

/// Says to a server that somebody uses it, until this process ends.
final class Presence {
    private Presence() {}

    /// Nothing closes it but the end of the process: so it still holds while what the command began
    /// is being cleaned up.
    ///
    /// @throws Failure if the server refuses, with its reason
    static void hold(Rest rest) throws IOException {
        Rest.Answer answer = rest.get("/v1/mews/presence");
        if (!answer.ok()) {
            rest.json(answer);
        }
        Thread.startVirtualThread(() -> {
            try (answer) {
                answer.body().transferTo(OutputStream.nullOutputStream());
            } catch (IOException ended) {
                // By a server that ends; the command's own call tells.
            }
        });
    }
}
