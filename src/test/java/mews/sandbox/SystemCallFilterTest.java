package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SystemCallFilterTest {
    private static final int ALLOW = 0x7fff0000;
    private static final int NOT_PERMITTED = 0x00050001;
    private static final int NOT_THERE = 0x00050026;
    private static final int X86 = 0xC000003E;

    @ParameterizedTest
    @CsvSource({
        "0, 0, allowed",
        "57, 0, allowed",
        "56, 17, allowed",
        "56, 268435473, refused",
        "272, 131072, allowed",
        "272, 268435456, refused",
        "435, 0, absent",
        "425, 0, refused",
        "250, 0, refused",
        "165, 0, refused",
        "176, 0, refused",
        "177, 0, allowed",
        "1073741824, 0, absent"
    })
    void answersEachCall(int number, int argument, String answer) {
        int expected =
                switch (answer) {
                    case "allowed" -> ALLOW;
                    case "refused" -> NOT_PERMITTED;
                    default -> NOT_THERE;
                };
        assertThat(run("amd64", X86, number, argument)).isEqualTo(expected);
    }

    @Test
    void callsOfAnotherArchitectureAreNotThere() {
        assertThat(run("amd64", 0x40000003, 0, 0)).isEqualTo(NOT_THERE);
        assertThat(run("aarch64", 0xC00000B7, 97, 0x10000000)).isEqualTo(NOT_PERMITTED);
    }

    @Test
    void anUnknownArchitectureHasNone() {
        assertThat(SystemCallFilter.program("riscv64")).isEmpty();
    }

    /// What the kernel does with the program.
    private static int run(String architecture, int audit, int number, int argument) {
        ByteBuffer program =
                ByteBuffer.wrap(SystemCallFilter.program(architecture).orElseThrow())
                        .order(ByteOrder.LITTLE_ENDIAN);
        int loaded = 0;
        for (int at = 0; ; at++) {
            int code = program.getShort(at * 8);
            int yes = program.get(at * 8 + 2) & 0xff;
            int no = program.get(at * 8 + 3) & 0xff;
            int value = program.getInt(at * 8 + 4);
            switch (code) {
                case 0x20 -> loaded = value == 0 ? number : value == 4 ? audit : argument;
                case 0x15 -> at += loaded == value ? yes : no;
                case 0x35 -> at += Integer.compareUnsigned(loaded, value) >= 0 ? yes : no;
                case 0x45 -> at += (loaded & value) != 0 ? yes : no;
                default -> {
                    return value;
                }
            }
        }
    }
}
