package mews.sql;

/// Text as PostgreSQL can hold it.
public final class Text {
    private static final char REPLACEMENT = '\uFFFD';

    private Text() {}

    /// Replaces what strangers may say and PostgreSQL refuses: NUL and halves of surrogate pairs.
    public static String storable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isStorable(text, i)) {
                return replace(text, i);
            }
        }
        return text;
    }

    private static String replace(String text, int first) {
        StringBuilder fit = new StringBuilder(text);
        for (int i = first; i < text.length(); i++) {
            if (!isStorable(text, i)) {
                fit.setCharAt(i, REPLACEMENT);
            }
        }
        return fit.toString();
    }

    private static boolean isStorable(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
        }
        return c != '\0';
    }
}
