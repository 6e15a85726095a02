package mews.base;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// Replaces secret values in text that people will read.
public final class Masker {
    /// Shorter values are left alone: they would blank out ordinary words.
    public static final int SHORTEST = 8;

    private static final String MASK = "********";

    private final List<String> values;

    /// @param values the secrets; those shorter than `SHORTEST` are not masked
    public Masker(Collection<String> values) {
        this.values =
                values.stream()
                        .filter(value -> value.length() >= SHORTEST)
                        .distinct()
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .toList();
    }

    public String mask(String text) {
        String masked = text;
        for (String value : values) {
            masked = masked.replace(value, MASK);
        }
        return masked;
    }
}
