package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequirementLayerTest {
    @Test
    void aFlagServesItsWholeLayerWhereverItStands() {
        var first =
                RequirementLayer.parse(
                        List.of("--extra-index-url", "https://a.example/simple", "torch==2.5.0"));
        var last =
                RequirementLayer.parse(
                        List.of("torch==2.5.0", "--extra-index-url https://a.example/simple"));
        var joined =
                RequirementLayer.parse(
                        List.of("torch==2.5.0", "--extra-index-url=https://a.example/simple"));
        assertThat(first).isEqualTo(last).isEqualTo(joined);
        assertThat(first.text())
                .isEqualTo("--extra-index-url https://a.example/simple\ntorch==2.5.0\n");
    }

    @Test
    void spellsDirectReferencesAsTheStandardDoes() {
        assertThat(
                        RequirementLayer.parse(
                                        List.of(
                                                "pkg[x]@https://h.example/pkg-1.0-py3-none-any.whl"))
                                .packages())
                .containsExactly("pkg[x] @ https://h.example/pkg-1.0-py3-none-any.whl");
    }

    @ParameterizedTest
    @CsvSource({
        "-r requirements.txt, -r",
        "-e ., -e",
        "--constraint c.txt, --constraint",
        "--frobnicate, --frobnicate"
    })
    void refusesFlagsThatCannotWorkHereAndSaysWhatDoes(String entry, String flag) {
        assertThatThrownBy(() -> RequirementLayer.parse(List.of(entry)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("the flag " + flag + " cannot be used here");
    }

    @Test
    void refusesAFlagWithoutItsOperand() {
        assertThatThrownBy(() -> RequirementLayer.parse(List.of("six", "--find-links")))
                .isInstanceOf(Refusal.class)
                .hasMessage("requirements: --find-links needs a value after it");
    }
}
