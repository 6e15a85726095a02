package mews.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.util.Optional;
import mews.wire.proto.ShellRunnerInput;
import mews.wire.proto.ShellRunnerOutput;

/// What clients since fal 1.83 say of shells in fields that older ones do not have, by their
/// numbers. protocol: control 2.8
public final class ShellFields {
    private static final int TTY = 6;
    private static final int STREAM = 4;
    private static final int ON_STDERR = 2;

    private ShellFields() {}

    /// Whether a terminal is wanted; empty if the client is too old to tell.
    public static Optional<Boolean> tty(ShellRunnerInput input) {
        return last(input.getUnknownFields(), TTY).map(value -> value != 0);
    }

    public static ShellRunnerInput withTty(ShellRunnerInput input, boolean wanted) {
        UnknownFieldSet field = one(TTY, wanted ? 1 : 0);
        return input.toBuilder().mergeUnknownFields(field).build();
    }

    /// @param error whether on stderr, which older clients take for stdout
    public static ShellRunnerOutput output(byte[] data, boolean error) {
        ShellRunnerOutput.Builder output =
                ShellRunnerOutput.newBuilder().setData(ByteString.copyFrom(data));
        if (error) {
            output.mergeUnknownFields(one(STREAM, ON_STDERR));
        }
        return output.build();
    }

    public static boolean onStderr(ShellRunnerOutput output) {
        return last(output.getUnknownFields(), STREAM).orElse(0L) == ON_STDERR;
    }

    private static UnknownFieldSet one(int number, long value) {
        Field field = Field.newBuilder().addVarint(value).build();
        return UnknownFieldSet.newBuilder().addField(number, field).build();
    }

    private static Optional<Long> last(UnknownFieldSet fields, int number) {
        var values = fields.getField(number).getVarintList();
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }
}
