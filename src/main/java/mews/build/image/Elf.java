package mews.build.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// What the head of a program tells: for which processor it is, and which loader starts it.
/// Protocol: ELF, System V ABI.
///
/// @param architecture as OCI names it, or the number of the machine
/// @param loader such as `/lib64/ld-linux-x86-64.so.2`; empty for a static program
record Elf(String architecture, String loader) {
    private static final int HEAD = 64;
    private static final int PROGRAM_HEADER = 56;
    private static final int INTERPRETER = 3;
    private static final int LARGEST_NAME = 4096;

    /// @return null if it is no 64-bit program
    static @Nullable Elf read(Path program) throws IOException {
        try (FileChannel file = FileChannel.open(program, StandardOpenOption.READ)) {
            ByteBuffer head = at(file, 0, HEAD);
            if (head.remaining() < HEAD || head.getInt(0) != 0x464c457f || head.get(4) != 2) {
                return null;
            }
            return new Elf(architecture(head.getShort(18)), loader(file, head));
        }
    }

    private static String architecture(int machine) {
        return switch (machine) {
            case 62 -> "amd64";
            case 183 -> "arm64";
            default -> "machine " + machine;
        };
    }

    private static String loader(FileChannel file, ByteBuffer head) throws IOException {
        long table = head.getLong(32);
        int count = head.getShort(56);
        for (int i = 0; i < count; i++) {
            ByteBuffer entry = at(file, table + (long) i * PROGRAM_HEADER, PROGRAM_HEADER);
            if (entry.remaining() == PROGRAM_HEADER && entry.getInt(0) == INTERPRETER) {
                int size = (int) Math.min(entry.getLong(32), LARGEST_NAME);
                ByteBuffer name = at(file, entry.getLong(8), size);
                return StandardCharsets.UTF_8.decode(name).toString().replace("\0", "");
            }
        }
        return "";
    }

    private static ByteBuffer at(FileChannel file, long position, int size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining() && file.read(buffer, position + buffer.position()) > 0) {
            // Until it is full or the file ends.
        }
        return buffer.flip();
    }
}
