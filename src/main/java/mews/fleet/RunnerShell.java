package mews.fleet;

import java.io.IOException;
import java.util.List;
import mews.sandbox.Visit;
import org.jspecify.annotations.Nullable;

/// A command in a runner's place: its files, network, user, limits and variables. Typing and
/// listening may be done by two threads. protocol: control 2.8
public final class RunnerShell implements AutoCloseable {
    /// The best shell that there is.
    private static final List<String> SHELL =
            List.of("/bin/sh", "-c", "if command -v bash >/dev/null; then exec bash; fi; exec sh");

    /// @param command empty = a shell
    /// @param terminal its size; null = it gets pipes
    public record Wish(List<String> command, @Nullable Size terminal) {
        public Wish {
            command = command.isEmpty() ? SHELL : List.copyOf(command);
        }
    }

    public record Size(int rows, int columns) {
        Visit.Size inside() {
            return new Visit.Size(rows, columns);
        }
    }

    public sealed interface Said {
        /// @param error whether on stderr; a terminal has only one stream
        record Output(byte[] data, boolean error) implements Said {}

        /// @param code 128 + signal if it was killed
        record Ended(int code) implements Said {}

        /// @param reason why there was no command
        record Failed(String reason) implements Said {}
    }

    private final Visit visit;

    RunnerShell(Visit visit) {
        this.visit = visit;
    }

    /// Waits while the command does not take it.
    ///
    /// @throws IOException if the command is gone
    public void type(byte[] data) throws IOException {
        visit.type(data);
    }

    public void resize(Size size) throws IOException {
        visit.resize(size.inside());
    }

    /// Nothing more will be typed; the command goes on.
    public void endInput() throws IOException {
        visit.endInput();
    }

    /// Waits for what comes next. After `Ended` or `Failed` nothing does.
    public Said next() {
        return switch (visit.next()) {
            case Visit.Said.Output(byte[] data, boolean error) -> new Said.Output(data, error);
            case Visit.Said.Ended(int code) -> new Said.Ended(code);
            case Visit.Said.Failed(String reason) -> new Said.Failed(reason);
        };
    }

    /// Ends the command if it has not ended. Safe to call twice, from any thread.
    @Override
    public void close() {
        visit.close();
    }
}
