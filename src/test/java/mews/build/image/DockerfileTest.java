package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {
    @Test
    void basesAreWhatComesFromRegistriesEachOnce() {
        String text =
                """
                FROM registry.example/base:1 AS first
                FROM --platform=linux/amd64 registry.example/base:1
                FROM first
                FROM scratch
                COPY --from=first /a /b
                COPY --from=1 /a /b
                COPY --from=registry.example/tool:2 /a /b
                RUN --mount=type=bind,from=registry.example/mounted:3,target=/m true
                """;

        assertThat(bases(text, Map.of()))
                .containsExactly(
                        "registry.example/base:1",
                        "registry.example/tool:2",
                        "registry.example/mounted:3");
    }

    @Test
    void variablesOfBasesComeFromArgumentsDefaultsAndTheHost() {
        String text =
                """
                ARG VERSION="1"
                ARG WHOLE=registry.example/base:${VERSION}
                ARG NONE
                FROM $WHOLE AS a
                FROM registry.example/x:${NONE:-latest} AS b
                FROM registry.example/y:v${VERSION:+set} AS c
                FROM registry.example/z:$TARGETARCH AS d
                """;

        assertThat(bases(text, Map.of("VERSION", "2")))
                .containsExactly(
                        "registry.example/base:2",
                        "registry.example/x:latest",
                        "registry.example/y:vset",
                        "registry.example/z:amd64");
    }

    @Test
    void aBaseThatNobodyNamedIsRefusedWithItsLine() {
        assertThatThrownBy(() -> bases("ARG BASE\n\nFROM $BASE\n", Map.of()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("line 3")
                .hasMessageContaining("build_args");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only words", "RUN true"})
    void withoutABaseItIsRefused(String text) {
        assertThatThrownBy(() -> Dockerfile.parse(text))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("no FROM");
    }

    @Test
    void stepsAreFoundByStageAndNumber() {
        String text =
                """
                # syntax=docker/dockerfile:1
                ARG A=1

                FROM one
                RUN first \\
                    # a remark
                    && second

                copy a b
                FROM two
                RUN third
                """;
        Dockerfile file = Dockerfile.parse(text);

        assertThat(line(file, 0, 2)).isEqualTo(5);
        assertThat(Objects.requireNonNull(file.step(0, 2)).rest()).contains("first", "&& second");
        assertThat(line(file, 0, 3)).isEqualTo(9);
        assertThat(Objects.requireNonNull(file.step(0, 3)).name()).isEqualTo("COPY");
        assertThat(line(file, 1, 2)).isEqualTo(11);
        assertThat(file.step(1, 3)).isNull();
        assertThat(file.step(0, 0)).isNull();
    }

    @Test
    void documentsInAnInstructionAreNotInstructions() {
        String text =
                """
                FROM one
                RUN <<EOF
                FROM nothing
                EOF
                COPY <<'A' <<-B /place/
                RUN inside
                A
                RUN inside too
                B
                RUN last
                """;

        assertThat(line(Dockerfile.parse(text), 0, 4)).isEqualTo(10);
        assertThat(bases(text, Map.of())).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo $((1<<2))", "cat <<<text", "test a<<b"})
    void whatOnlyLooksLikeADocumentIsNone(String command) {
        Dockerfile file = Dockerfile.parse("FROM one\nRUN " + command + "\nRUN last\n");

        assertThat(line(file, 0, 3)).isEqualTo(3);
    }

    @Test
    void theEscapeCanBeAnother() {
        Dockerfile file = Dockerfile.parse("# escape=`\nFROM one\nRUN a `\n  b\nRUN c\\\nRUN d\n");

        assertThat(Objects.requireNonNull(file.step(0, 2)).rest()).contains("a", "b");
        assertThat(Objects.requireNonNull(file.step(0, 3)).rest()).isEqualTo("c\\");
        assertThat(line(file, 0, 4)).isEqualTo(6);
    }

    @Test
    void linesOfWindowsAreLines() {
        assertThat(line(Dockerfile.parse("FROM one\r\nRUN a\r\n"), 0, 2)).isEqualTo(2);
    }

    private static int line(Dockerfile file, int stage, int step) {
        return Objects.requireNonNull(file.step(stage, step)).line();
    }

    private static List<String> bases(String text, Map<String, String> arguments) {
        return Dockerfile.parse(text).bases(arguments, "amd64").stream()
                .map(ImageName::toString)
                .toList();
    }
}
