package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
    @Test
    void cutsAtNewlinesAndCarriageReturns() {
        assertThat(split(100, "one\ntwo\r\nthree\rfour"))
                .containsExactly("one", "two", "three", "four");
    }

    @Test
    void leavesOutEmptyLines() {
        assertThat(split(100, "\n\none\n\n")).containsExactly("one");
    }

    @Test
    void cutsLongLines() {
        assertThat(split(4, "abcdefghij\nk")).containsExactly("abcd", "efgh", "ij", "k");
    }

    @Test
    void cutsNoCharacterInTwo() {
        assertThat(split(4, "aaaäöü")).containsExactly("aaaä", "öü");
    }

    @Test
    void cutsAStreamWithoutCharactersToo() {
        byte[] continuations = new byte[1000];
        Arrays.fill(continuations, (byte) 0x80);
        List<String> lines = new ArrayList<>();

        new LineSplitter(10, lines::add).take(continuations, continuations.length);

        assertThat(lines).hasSizeGreaterThan(60);
    }

    @Test
    void findsALabelledLineBehindHalfALine() {
        assertThat(split(100, "half\u001e{\"m\":1}\n")).containsExactly("half", "\u001e{\"m\":1}");
    }

    @Test
    void givesALabelledLineTheRoomThatItsLabelsNeed() {
        String labelled = "\u001e" + "x".repeat(50);

        assertThat(split(10, labelled + "\n")).containsExactly(labelled);
    }

    @Property
    void doesNotDependOnHowTheStreamArrives(
            @ForAll @StringLength(max = 200) String text,
            @ForAll @IntRange(min = 1, max = 50) int step) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<String> inSteps = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(20, inSteps::add);
        for (int at = 0; at < bytes.length; at += step) {
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + step));
            splitter.take(piece, piece.length);
        }
        splitter.flush();

        assertThat(inSteps).isEqualTo(split(20, text));
    }

    private static List<String> split(int longest, String text) {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(longest, lines::add);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        splitter.take(bytes, bytes.length);
        splitter.flush();
        return lines;
    }
}
