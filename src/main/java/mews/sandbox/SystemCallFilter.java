package mews.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A seccomp program that keeps a process from what an app never needs and kernels were broken by:
/// further user namespaces, key rings (shared by uid), mounts, tracing of the kernel, io_uring.
/// Refused calls answer "not permitted", so that libraries take their other way.
final class SystemCallFilter {
    private static final int LOAD = 0x20;
    private static final int IF_EQUAL = 0x15;
    private static final int IF_ANY_BIT = 0x45;
    private static final int IF_AT_LEAST = 0x35;
    private static final int RETURN = 0x06;

    private static final int ALLOW = 0x7fff0000;
    private static final int NOT_PERMITTED = 0x00050000 | 1;
    private static final int NOT_THERE = 0x00050000 | 38;

    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int FIRST_ARGUMENT = 16;
    private static final int NEW_USER_NAMESPACE = 0x10000000;

    /// x86_64 kernels answer a second set of numbers from here on; no ordinary program uses it.
    private static final int X32 = 0x40000000;

    /// The same on every architecture: io_uring, the newer mount calls.
    private static final int[] EVERYWHERE = {425, 426, 427, 428, 429, 430, 431, 432, 433, 442};

    /// It hides its flags behind a pointer; programs fall back to clone when it is not there.
    private static final int CLONE3 = 435;

    /// keyctl, add_key, request_key, bpf, perf_event_open, userfaultfd, kexec (2),
    /// open_by_handle_at, setns, mount, umount2, pivot_root, modules (3)
    private record Numbers(int audit, int cloning, int unshare, int[] refused) {}

    private static final Numbers X86_64 =
            new Numbers(
                    0xC000003E,
                    56,
                    272,
                    new int[] {
                        250, 248, 249, 321, 298, 323, 246, 320, 304, 308, 165, 166, 155, 175, 313,
                        176
                    });
    private static final Numbers AARCH64 =
            new Numbers(
                    0xC00000B7,
                    220,
                    97,
                    new int[] {
                        219, 217, 218, 280, 241, 282, 104, 294, 265, 268, 40, 39, 41, 105, 273, 106
                    });

    private final List<long[]> program = new ArrayList<>();

    private SystemCallFilter() {}

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
        int calls = EVERYWHERE.length + numbers.refused.length;
        int flags = calls + 7;
        int allow = flags + 2;
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
        jump(IF_EQUAL, numbers.unshare, flags, program.size() + 1);
        jump(IF_EQUAL, numbers.cloning, flags, allow);
        add(LOAD, 0, 0, FIRST_ARGUMENT);
        jump(IF_ANY_BIT, NEW_USER_NAMESPACE, refuse, allow);
        add(RETURN, 0, 0, ALLOW);
        add(RETURN, 0, 0, NOT_THERE);
        add(RETURN, 0, 0, NOT_PERMITTED);
        return bytes();
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
