package mews.build;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What was resolved: package → its line of the lock, hashes included.
record Lock(Map<String, String> entries) {
    static final Lock EMPTY = new Lock(Map.of());

    /// @param text a requirements file with one pin or URL each, hashes on continued lines
    static Lock parse(String text) {
        Map<String, String> entries = new LinkedHashMap<>();
        StringBuilder entry = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#") || line.startsWith("--")) {
                continue;
            }
            entry.append(line).append('\n');
            if (!line.stripTrailing().endsWith("\\")) {
                String whole = entry.toString();
                entries.put(name(whole), whole);
                entry.setLength(0);
            }
        }
        return new Lock(entries);
    }

    String text() {
        return String.join("", entries.values());
    }

    /// What of this is not already visible with the same version and source.
    Lock without(Lock visible) {
        Map<String, String> rest = new LinkedHashMap<>(entries);
        rest.entrySet()
                .removeIf(entry ->
                        pin(entry.getValue())
                                .equals(pin(visible.entries.getOrDefault(entry.getKey(), ""))));
        return new Lock(rest);
    }

    /// This on top of what is below it.
    Lock over(Lock below) {
        Map<String, String> all = new LinkedHashMap<>(below.entries);
        all.putAll(entries);
        return new Lock(all);
    }

    /// Pins without hashes and credentials, for people.
    List<String> pins() {
        List<String> pins = new ArrayList<>();
        entries.values().forEach(entry -> pins.add(UrlMask.forPeople(pin(entry))));
        return pins;
    }

    private static String pin(String entry) {
        String first = entry.lines().findFirst().orElse("").strip();
        return first.endsWith("\\") ? first.substring(0, first.length() - 1).strip() : first;
    }

    private static String name(String entry) {
        String name = entry.split("[\\s=@\\[;<>!~]", 2)[0];
        return name.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
    }
}
