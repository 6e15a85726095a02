package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordsTest {
    @ParameterizedTest
    @MethodSource("plain")
    void plainCommandsAreSplit(String text, List<String> words) {
        assertThat(ShellWords.command(text)).isEqualTo(words);
    }

    private static Stream<Arguments> plain() {
        return Stream.of(
                Arguments.of(
                        "node  server.js\t--port 8080 ",
                        List.of("node", "server.js", "--port", "8080")),
                Arguments.of("say 'a b' \"c d\"", List.of("say", "a b", "c d")),
                Arguments.of("say a'b c'd", List.of("say", "ab cd")),
                Arguments.of("say '' \"\"", List.of("say", "", "")),
                Arguments.of("say a\\ b \"c\\\"d\" 'e\\f'", List.of("say", "a b", "c\"d", "e\\f")),
                Arguments.of("say '$HOME; rm *'", List.of("say", "$HOME; rm *")),
                Arguments.of("", List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo $HOME",
                "a && b",
                "a | b",
                "a > b",
                "echo \"$HOME\"",
                "ls *.py",
                "echo `date`",
                "a; b",
                "cd ~",
                "first\nsecond"
            })
    void whatNeedsAShellGetsOne(String text) {
        assertThat(ShellWords.command(text)).containsExactly("/bin/sh", "-c", text);
    }
}
