package mews.build;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What was resolved: package → its lines of the lock, hashes and source included.
record Lock(Map<String, String> entries) {
    static final Lock EMPTY = new Lock(Map.of());

    private static final Pattern HASH = Pattern.compile("--hash=(\\S+)");
    private static final Pattern SOURCE = Pattern.compile("(?m)^\\s+# from (\\S+)\\s*$");
    private static final Pattern DIRECT = Pattern.compile("^\\S+ @ (\\S+)");
    private static final Pattern VERSION = Pattern.compile("^[^\\s=;]+===?([^\\s;\\\\]+)");

    /// @param text a requirements file with one pin or URL each; hashes and sources on lines of
    ///   their own below it
    static Lock parse(String text) {
        Map<String, String> entries = new LinkedHashMap<>();
        String name = "";
        for (String line : text.lines().toList()) {
            boolean below = !line.isEmpty() && Character.isWhitespace(line.charAt(0));
            if (line.isBlank() || line.startsWith("#") || line.startsWith("--")) {
                continue;
            }
            if (!below) {
                name = name(line);
                entries.put(name, "");
            }
            entries.computeIfPresent(name, (key, known) -> known + line + '\n');
        }
        return new Lock(entries);
    }

    String text() {
        return String.join("", entries.values());
    }

    /// The same with every line changed.
    Lock map(UnaryOperator<String> change) {
        Map<String, String> changed = new LinkedHashMap<>();
        entries.forEach((name, entry) -> changed.put(name, change.apply(entry)));
        return new Lock(changed);
    }

    /// What is the same for the same content: no credentials, nothing about where it was found.
    String identity() {
        return new TreeMap<>(entries)
                .values().stream()
                        .map(entry -> UrlMask.forKey(SOURCE.matcher(entry).replaceAll("")))
                        .collect(Collectors.joining());
    }

    /// Whether an index serves it, with hashes to check it by.
    static boolean isFromIndex(String entry) {
        return !DIRECT.matcher(entry).find() && HASH.matcher(entry).find();
    }

    /// What is the same for the same files: version and hashes, not where they were found.
    static String content(String entry) {
        return pin(entry) + hashes(entry).stream().sorted().toList();
    }

    /// Each as `sha256:…`.
    static List<String> hashes(String entry) {
        return HASH.matcher(entry).results().map(hash -> hash.group(1)).toList();
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

    /// Only what an index serves, for a resolver to prefer.
    Lock pinned() {
        Map<String, String> pinned = new LinkedHashMap<>(entries);
        pinned.values().removeIf(entry -> DIRECT.matcher(entry).find());
        return new Lock(pinned);
    }

    /// What people are shown of a layer.
    ///
    /// @param layer 1 for the first
    List<LockedEnvironment.Package> packages(int layer) {
        List<LockedEnvironment.Package> packages = new ArrayList<>();
        entries.forEach((name, entry) -> packages.add(shown(name, entry, layer)));
        return packages;
    }

    /// Pins without hashes and credentials, for people.
    List<String> pins() {
        List<String> pins = new ArrayList<>();
        entries.values()
                .forEach(entry ->
                        pins.add(UrlMask.forPeople(first(entry).replaceAll("\\s*;.*$", ""))));
        return pins;
    }

    /// The package that an installer's complaint is about.
    Optional<String> named(String complaint) {
        return blamed(complaint)
                .map(name -> {
                    Matcher version = VERSION.matcher(entries.get(name));
                    return version.find() ? name + "==" + version.group(1) : name;
                });
    }

    /// The same as its key.
    Optional<String> blamed(String complaint) {
        String low = complaint.toLowerCase(Locale.ROOT).replace('_', '-');
        return entries.keySet().stream().filter(name -> mentions(low, name)).findFirst();
    }

    private static boolean mentions(String text, String name) {
        return Pattern.compile("(?<![a-z0-9-])" + Pattern.quote(name) + "(?![a-z0-9-])")
                .matcher(text)
                .find();
    }

    private static LockedEnvironment.Package shown(String name, String entry, int layer) {
        Matcher direct = DIRECT.matcher(entry);
        Matcher from = SOURCE.matcher(entry);
        Matcher version = VERSION.matcher(entry);
        String source = direct.find() ? direct.group(1) : from.find() ? from.group(1) : "";
        return new LockedEnvironment.Package(
                name,
                version.find() ? version.group(1) : "",
                UrlMask.forPeople(source),
                hashes(entry),
                layer);
    }

    private static String text(@org.jspecify.annotations.Nullable String group) {
        return group == null ? "" : group;
    }

    private static String pin(String entry) {
        return UrlMask.forKey(first(entry));
    }

    private static String first(String entry) {
        String first = entry.lines().findFirst().orElse("").strip();
        return first.endsWith("\\") ? first.substring(0, first.length() - 1).strip() : first;
    }

    /// @param entry of a lock, or a requirement without a URL
    /// @return its key
    static String name(String entry) {
        String name = entry.split("[\\s=@\\[;<>!~]", 2)[0];
        return name.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
    }
}
