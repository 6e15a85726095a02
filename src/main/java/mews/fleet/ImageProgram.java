package mews.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Set;
import mews.sandbox.ImageFiles;

/// A program in an image, looked at from outside: would this machine run it?
///
/// @param file on this host, no link
record ImageProgram(ImageFiles image, Path file) {
    private static final int HEAD = 4096;
    private static final int ELF = 0x464c457f;
    private static final int INTERPRETER = 3;
    private static final Set<PosixFilePermission> EXECUTE =
            Set.of(
                    PosixFilePermission.OWNER_EXECUTE,
                    PosixFilePermission.GROUP_EXECUTE,
                    PosixFilePermission.OTHERS_EXECUTE);

    /// Names as OCI gives them, by the number in the file.
    private static final Map<Integer, String> ARCHITECTURES =
            Map.of(
                    0x03, "386", 0x14, "ppc", 0x15, "ppc64le", 0x16, "s390x", 0x28, "arm", 0x3e,
                    "amd64", 0xb7, "arm64", 0xf3, "riscv64");

    /// @param shown how the message calls it
    /// @throws mews.model.Refusal saying why it cannot be run
    void check(String shown) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (EXECUTE.stream().noneMatch(permissions::contains)) {
                throw ContainerImage.refused(
                        shown + " is not executable; RUN chmod +x on it in the Dockerfile");
            }
            ByteBuffer head = head();
            if (head.remaining() > 64 && head.getInt(0) == ELF) {
                checkBinary(shown, head);
            } else if (head.remaining() > 2 && head.get(0) == '#' && head.get(1) == '!') {
                checkScript(shown, head);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private void checkBinary(String shown, ByteBuffer head) {
        int machine = Short.toUnsignedInt(head.getShort(18));
        String its = ARCHITECTURES.getOrDefault(machine, "machine " + machine);
        String ours =
                switch (System.getProperty("os.arch")) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    case String other -> other;
                };
        if (!its.equals(ours) && !(its.equals("386") && ours.equals("amd64"))) {
            throw ContainerImage.refused(
                    "%s is made for %s, and this machine is %s; build or choose the image for linux/%s"
                            .formatted(shown, its, ours, ours));
        }
        String loader = loader(head);
        if (!loader.isEmpty() && image.find(loader).isEmpty()) {
            throw ContainerImage.refused(
                    "%s needs %s, which is not in the image: it was made for another C library; build it in the image, or link it statically"
                            .formatted(shown, loader));
        }
    }

    private void checkScript(String shown, ByteBuffer head) {
        String line = text(head, 2, head.limit()).split("\n", 2)[0];
        boolean carriage = line.endsWith("\r");
        String interpreter = line.strip().split("\\s+")[0];
        if (carriage || (interpreter.startsWith("/") && image.find(interpreter).isEmpty())) {
            throw ContainerImage.refused(
                    "%s is a script for %s, which is not in the image%s"
                            .formatted(
                                    shown,
                                    interpreter,
                                    carriage
                                            ? ": its lines end as on Windows; save it with Unix line ends"
                                            : "; install it there"));
        }
    }

    /// The dynamic loader that a binary names; empty if it needs none.
    private static String loader(ByteBuffer head) {
        boolean wide = head.get(4) == 2;
        long table = wide ? head.getLong(32) : head.getInt(28);
        int size = Short.toUnsignedInt(head.getShort(wide ? 54 : 42));
        int count = Short.toUnsignedInt(head.getShort(wide ? 56 : 44));
        for (int i = 0; i < count; i++) {
            long at = table + (long) i * size;
            if (at < 0 || at + 40 > head.limit()) {
                return "";
            }
            int entry = (int) at;
            if (head.getInt(entry) == INTERPRETER) {
                long from = wide ? head.getLong(entry + 8) : head.getInt(entry + 4);
                long length = wide ? head.getLong(entry + 32) : head.getInt(entry + 16);
                boolean inside = from > 0 && length > 1 && from + length <= head.limit();
                return inside ? text(head, (int) from, (int) (from + length - 1)) : "";
            }
        }
        return "";
    }

    private ByteBuffer head() throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            while (head.hasRemaining() && channel.read(head) >= 0) {
                // Once more, until there is enough or no more.
            }
        }
        return head.flip();
    }

    private static String text(ByteBuffer head, int from, int to) {
        return new String(head.array(), from, to - from, StandardCharsets.UTF_8);
    }
}
