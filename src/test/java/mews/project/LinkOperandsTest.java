package mews.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkOperandsTest {
    /// Entries are parted by `|`.
    @ParameterizedTest
    @CsvSource(
            delimiterString = "=>",
            value = {
                "six|--find-links|wheels => six|--find-links|<wheels>",
                "-f|./wheels|six => -f|<./wheels>|six",
                "--find-links=wheels|six => --find-links <wheels>|six",
                "-f=wheels => --find-links <wheels>",
                "-fwheels => --find-links <wheels>",
                "--find-links wheels => --find-links <wheels>",
                "six -f wheels --pre => six --find-links <wheels> --pre",
                "-f a -f b --find-links=c => --find-links <a> --find-links <b> --find-links <c>",
                "six --find-links|wheels -f more => six --find-links|<wheels> --find-links <more>",
                "-f my wheels --no-index => --find-links <my wheels> --no-index",
                "-f \"my wheels\" => --find-links <my wheels>",
                "-f|file:///srv/wheels => -f|<file:///srv/wheels>",
                "-f ~/wheels # the new ones => --find-links <~/wheels> # the new ones",
                "-f|a|-f|b => -f|<a>|-f|<b>",
            })
    void everySpellingOfAFolder(String written, String replaced) {
        assertThat(LinkOperands.replace(List.of(written.split("\\|")), "<%s>"::formatted))
                .containsExactly(replaced.split("\\|"));
    }

    @ParameterizedTest
    @CsvSource({
        "--find-links|https://h.example/page",
        "six|wheels",
        "six  # -f wheels",
        "--find-links|${WHEELS}",
        "--index-url|https://h.example/-f/simple",
        "-f|--pre",
        "--find-links",
    })
    void leavesEverythingElse(String written) {
        List<String> layer = List.of(written.split("\\|"));

        assertThat(LinkOperands.in(layer)).isEmpty();
        assertThat(LinkOperands.replace(layer, place -> "changed")).isEqualTo(layer);
    }

    @Test
    void severalLinesInOneEntry() {
        assertThat(
                        LinkOperands.replace(
                                List.of("six\n--find-links wheels\nattrs"), "<%s>"::formatted))
                .containsExactly("six\n--find-links <wheels>\nattrs");
    }
}
