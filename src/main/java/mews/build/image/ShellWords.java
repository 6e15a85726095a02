package mews.build.image;

import java.util.ArrayList;
import java.util.List;

/// A command that was given as one text.
final class ShellWords {
    private static final String NEEDS_SHELL = "$&|;<>`*?~()\n";

    private ShellWords() {}

    /// Its words, quotes resolved; a text that needs a shell is handed to one. Splitting is
    /// preferred: the program then gets signals itself, and needs no shell in the image.
    static List<String> command(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != '\'' && NEEDS_SHELL.indexOf(c) >= 0) {
                return List.of("/bin/sh", "-c", text);
            }
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(
                            c == '\\' && quote == '"' && i + 1 < text.length()
                                    ? text.charAt(++i)
                                    : c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                begun = true;
            } else if (c == '\\' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
                begun = true;
            } else if (Character.isWhitespace(c)) {
                if (begun) {
                    words.add(word.toString());
                    word.setLength(0);
                    begun = false;
                }
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }
}
