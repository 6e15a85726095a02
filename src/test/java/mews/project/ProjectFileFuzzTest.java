package mews.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/// Whatever a file holds, it is answered, never thrown at.
class ProjectFileFuzzTest {
    private static final List<String> PIECES =
            List.of(
                    "\"",
                    "'",
                    "[",
                    "]",
                    "{",
                    "}",
                    "=",
                    ",",
                    "\n",
                    "\\u0000",
                    "\\",
                    "#",
                    ".",
                    "-1",
                    "true",
                    "[[x]]",
                    "\"\\u0000\"",
                    "99999999999999999999",
                    "1979-05-27",
                    "::",
                    "é");

    private Path folder = Path.of("/");

    @BeforeProperty
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("fuzz");
    }

    @AfterProperty
    void removeFolder() throws IOException {
        mews.base.Folders.delete(folder);
    }

    @Property(tries = 300)
    void answersAnyFile(@ForAll("mutants") String text) throws IOException {
        Path file = folder.resolve("pyproject.toml");
        Files.writeString(file, text);

        CheckReport report = CheckReport.check(folder, null);

        assertThat(report.json()).startsWith("{");
        assertThat(report.problems())
                .allSatisfy(problem -> {
                    assertThat(problem.line()).isPositive();
                    assertThat(problem.column()).isPositive();
                    assertThat(problem.human()).doesNotContain("\n");
                });
    }

    @Provide
    Arbitrary<String> mutants() throws IOException {
        List<String> texts;
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/project/good"))) {
            texts = files.sorted().map(ProjectFileFuzzTest::read).toList();
        }
        return Combinators.combine(
                        Arbitraries.of(texts),
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.integers().between(0, 12),
                        Arbitraries.of(PIECES))
                .as(ProjectFileFuzzTest::mutant);
    }

    private static String mutant(String text, double where, int cut, String piece) {
        int at = (int) (where * text.length());
        int end = Math.min(text.length(), at + cut);
        return text.substring(0, at) + piece + text.substring(end);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
