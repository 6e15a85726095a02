package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the parents of runners may call besides, and may not.
class ParentCallFilterTest {
    @ParameterizedTest
    @CsvSource({
        // mount, umount2, and a user namespace by unshare
        "165, 0, 0, 0, allowed",
        "166, 0, 0, 0, allowed",
        "272, 268435456, 0, 0, allowed",
        // not by clone, nor into somebody else's
        "56, 268435473, 0, 0, refused",
        "435, 0, 0, 0, absent",
        "308, 0, 0, 0, refused",
        // the newer mount calls, pivot_root, key rings
        "428, 0, 0, 0, refused",
        "155, 0, 0, 0, refused",
        "250, 0, 0, 0, refused",
        // sockets: Unix, TCP, UDP, what lists interfaces
        "41, 1, 1, 0, allowed",
        "41, 2, 524289, 6, allowed",
        "41, 10, 2, 17, allowed",
        "41, 16, 3, 0, allowed",
        // packet filters, packets, raw sockets
        "41, 16, 3, 12, refused",
        "41, 17, 3, 0, refused",
        "41, 2, 524291, 1, refused"
    })
    void answersEachCall(int number, int first, int second, int third, String answer) {
        int expected =
                switch (answer) {
                    case "allowed" -> 0x7fff0000;
                    case "refused" -> 0x00050001;
                    default -> 0x00050026;
                };
        assertThat(run(number, first, second, third)).isEqualTo(expected);
    }

    /// What the kernel does with the program.
    private static int run(int number, int first, int second, int third) {
        ByteBuffer program =
                ByteBuffer.wrap(SystemCallFilter.programForParents("amd64").orElseThrow())
                        .order(ByteOrder.LITTLE_ENDIAN);
        int loaded = 0;
        for (int at = 0; ; at++) {
            int code = program.getShort(at * 8);
            int yes = program.get(at * 8 + 2) & 0xff;
            int no = program.get(at * 8 + 3) & 0xff;
            int value = program.getInt(at * 8 + 4);
            switch (code) {
                case 0x20 ->
                        loaded =
                                switch (value) {
                                    case 0 -> number;
                                    case 4 -> 0xC000003E;
                                    case 16 -> first;
                                    case 24 -> second;
                                    default -> third;
                                };
                case 0x15 -> at += loaded == value ? yes : no;
                case 0x35 -> at += Integer.compareUnsigned(loaded, value) >= 0 ? yes : no;
                case 0x45 -> at += (loaded & value) != 0 ? yes : no;
                case 0x54 -> loaded &= value;
                default -> {
                    return value;
                }
            }
        }
    }
}
