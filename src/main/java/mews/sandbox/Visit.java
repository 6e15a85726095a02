package mews.sandbox;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import org.jspecify.annotations.Nullable;

/// One more command in the place of a process that runs already: what is typed to it, and what it
/// says. Typing and listening may be done by two threads.
public final class Visit implements AutoCloseable {
    private static final int LONGEST = 1 << 20;

    /// @param environment all of it
    /// @param workdir where it starts, as it is called inside
    /// @param terminal its size; null = it gets pipes
    /// @param interpreter of this host, for a helper
    public record Wish(
            List<String> command,
            Map<String, String> environment,
            String workdir,
            @Nullable Size terminal,
            Path interpreter) {
        public Wish {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    public record Size(int rows, int columns) {
        public Size {
            rows = Math.clamp(rows, 1, 9999);
            columns = Math.clamp(columns, 1, 9999);
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

    private final Process helper;
    private final DataOutputStream in;
    private final DataInputStream out;

    /// @param plan what the helper reads first
    Visit(Process helper, String plan) throws IOException {
        this.helper = helper;
        this.in = new DataOutputStream(helper.getOutputStream());
        this.out = new DataInputStream(helper.getInputStream());
        write('P', plan.getBytes(StandardCharsets.UTF_8));
    }

    /// Waits while the command does not take it.
    ///
    /// @throws IOException if the command is gone
    public void type(byte[] data) throws IOException {
        for (int begin = 0; begin < data.length; begin += LONGEST) {
            write('d', Arrays.copyOfRange(data, begin, Math.min(data.length, begin + LONGEST)));
        }
    }

    public void resize(Size size) throws IOException {
        String text = Json.write(List.of(size.rows(), size.columns()));
        write('s', text.getBytes(StandardCharsets.UTF_8));
    }

    /// Nothing more will be typed; the command goes on.
    public void endInput() throws IOException {
        write('e', new byte[0]);
    }

    /// Waits for what comes next. After `Ended` or `Failed` nothing does.
    public Said next() {
        try {
            int kind = out.readUnsignedByte();
            int length = out.readInt();
            if (length < 0 || length > LONGEST) {
                return new Said.Failed("its helper does not make sense");
            }
            byte[] content = out.readNBytes(length);
            return switch (kind) {
                case 'o', 'r' -> new Said.Output(content, kind == 'r');
                case 'x' -> new Said.Ended(Integer.parseInt(text(content)));
                default -> new Said.Failed(text(content));
            };
        } catch (EOFException e) {
            return new Said.Failed("the command was ended from outside");
        } catch (IOException e) {
            return new Said.Failed("the command is gone: " + e.getMessage());
        }
    }

    /// Ends the command if it has not ended. Safe to call twice, from any thread.
    @Override
    public void close() {
        // What it started dies with it.
        helper.destroyForcibly();
    }

    private synchronized void write(char kind, byte[] content) throws IOException {
        in.writeByte(kind);
        in.writeInt(content.length);
        in.write(content);
        in.flush();
    }

    private static String text(byte[] content) {
        return new String(content, StandardCharsets.UTF_8);
    }
}
