package mews.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A seccomp program that keeps a process from what an app never needs and kernels were broken by:
/// further user namespaces, key rings (shared by uid), mounts, tracing of the kernel, io_uring.
/// Refused calls answer "not permitted", so that libraries take their other way.
final class SystemCallFilter {
    private static final int LOAD = 0x20;
    private static final int IF_EQUAL = 0x15;
    private static final int IF_ANY_BIT = 0x45;
    private static final int IF_AT_LEAST = 0x35;
    private static final int AND = 0x54;
    private static final int RETURN = 0x06;

    private static final int ALLOW = 0x7fff0000;
    private static final int NOT_PERMITTED = 0x00050000 | 1;
    private static final int NOT_THERE = 0x00050000 | 38;

    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int FIRST_ARGUMENT = 16;
    private static final int SECOND_ARGUMENT = 24;
    private static final int THIRD_ARGUMENT = 32;
    private static final int NETLINK = 16;
    private static final int PACKET = 17;
    private static final int NETLINK_ROUTE = 0;
    private static final int SOCKET_TYPES = 0xf;
    private static final int RAW = 3;
    private static final int NEW_USER_NAMESPACE = 0x10000000;

    /// x86_64 kernels answer a second set of numbers from here on; no ordinary program uses it.
    private static final int X32 = 0x40000000;

    /// The same on every architecture: io_uring, the newer mount calls.
    private static final int[] EVERYWHERE = {425, 426, 427, 428, 429, 430, 431, 432, 433, 442};

    /// It hides its flags behind a pointer; programs fall back to clone when it is not there.
    private static final int CLONE3 = 435;

    /// keyctl, add_key, request_key, bpf, perf_event_open, userfaultfd, kexec (2),
    /// open_by_handle_at, setns, mount, umount2, pivot_root, modules (3)
    private record Numbers(
            int audit, int cloning, int unshare, int socket, int[] refused, boolean nests) {
        /// Without mount and umount2, which stand at the same place in both lists.
        Numbers nesting() {
            int[] fewer =
                    IntStream.range(0, refused.length)
                            .filter(place -> place != MOUNT && place != MOUNT + 1)
                            .map(place -> refused[place])
                            .toArray();
            return new Numbers(audit, cloning, unshare, socket, fewer, true);
        }
    }

    private static final int MOUNT = 10;

    private static final Numbers X86_64 =
            new Numbers(
                    0xC000003E,
                    56,
                    272,
                    41,
                    new int[] {
                        250, 248, 249, 321, 298, 323, 246, 320, 304, 308, 165, 166, 155, 175, 313,
                        176
                    },
                    false);
    private static final Numbers AARCH64 =
            new Numbers(
                    0xC00000B7,
                    220,
                    97,
                    198,
                    new int[] {
                        219, 217, 218, 280, 241, 282, 104, 294, 265, 268, 40, 39, 41, 105, 273, 106
                    },
                    false);

    private final List<long[]> program = new ArrayList<>();

    private SystemCallFilter() {}

    /// For a process that puts forks of itself into namespaces of their own: the same, but that it
    /// may make namespaces by `unshare` and mount the old way. Having them it has rights over their
    /// network, so sockets that only such rights make interesting are refused.
    static Optional<byte[]> programForParents(String architecture) {
        return switch (architecture) {
            case "amd64", "x86_64" -> Optional.of(new SystemCallFilter().write(X86_64.nesting()));
            case "aarch64" -> Optional.of(new SystemCallFilter().write(AARCH64.nesting()));
            default -> Optional.empty();
        };
    }

    /// @param architecture as Java names it
    /// @return the program as the kernel takes it; empty where the numbers are not known
    static Optional<byte[]> program(String architecture) {
        return switch (architecture) {
            case "amd64", "x86_64" -> Optional.of(new SystemCallFilter().write(X86_64));
            case "aarch64" -> Optional.of(new SystemCallFilter().write(AARCH64));
            default -> Optional.empty();
        };
    }

    /// Straight down; the answers stand at the end, in the order allow, not there, not permitted.
    private byte[] write(Numbers numbers) {
        int head = 5 + EVERYWHERE.length + numbers.refused.length;
        int allow = head + (numbers.nests ? 12 : 4);
        int absent = allow + 1;
        int refuse = allow + 2;
        add(LOAD, 0, 0, ARCHITECTURE);
        jump(IF_EQUAL, numbers.audit, program.size() + 1, absent);
        add(LOAD, 0, 0, NUMBER);
        jump(IF_AT_LEAST, X32, absent, program.size() + 1);
        jump(IF_EQUAL, CLONE3, absent, program.size() + 1);
        for (int call : EVERYWHERE) {
            jump(IF_EQUAL, call, refuse, program.size() + 1);
        }
        for (int call : numbers.refused) {
            jump(IF_EQUAL, call, refuse, program.size() + 1);
        }
        int flags = head + 2;
        if (numbers.nests) {
            jump(IF_EQUAL, numbers.socket, flags + 2, head + 1);
        } else {
            jump(IF_EQUAL, numbers.unshare, flags, head + 1);
        }
        jump(IF_EQUAL, numbers.cloning, flags, allow);
        add(LOAD, 0, 0, FIRST_ARGUMENT);
        jump(IF_ANY_BIT, NEW_USER_NAMESPACE, refuse, allow);
        if (numbers.nests) {
            sockets(allow, refuse);
        }
        add(RETURN, 0, 0, ALLOW);
        add(RETURN, 0, 0, NOT_THERE);
        add(RETURN, 0, 0, NOT_PERMITTED);
        return bytes();
    }

    /// Of netlink only what lists interfaces, no packet sockets, no raw ones.
    private void sockets(int allow, int refuse) {
        int begin = program.size();
        add(LOAD, 0, 0, FIRST_ARGUMENT);
        jump(IF_EQUAL, NETLINK, begin + 3, begin + 2);
        jump(IF_EQUAL, PACKET, refuse, begin + 5);
        add(LOAD, 0, 0, THIRD_ARGUMENT);
        jump(IF_EQUAL, NETLINK_ROUTE, allow, refuse);
        add(LOAD, 0, 0, SECOND_ARGUMENT);
        add(AND, 0, 0, SOCKET_TYPES);
        jump(IF_EQUAL, RAW, refuse, allow);
    }

    private void jump(int code, int value, int whenTrue, int whenFalse) {
        int next = program.size() + 1;
        add(code, whenTrue - next, whenFalse - next, value);
    }

    private void add(int code, int whenTrue, int whenFalse, int value) {
        program.add(new long[] {code, whenTrue, whenFalse, value});
    }

    private byte[] bytes() {
        ByteBuffer buffer = ByteBuffer.allocate(program.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (long[] step : program) {
            buffer.putShort((short) step[0]);
            buffer.put((byte) step[1]).put((byte) step[2]).putInt((int) step[3]);
        }
        return buffer.array();
    }
}
