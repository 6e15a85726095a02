package mews.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import mews.model.Refusal;

/// One install step as pip takes it, sorted out: packages, and the flags that serve all of them
/// wherever they stand.
///
/// @param packages in order, each a requirement or a URL
/// @param options lines of a requirements file, such as `--extra-index-url https://…`
record RequirementLayer(List<String> packages, List<String> options) {
    /// Flags with one operand.
    private static final Map<String, String> WITH_VALUE =
            Map.ofEntries(
                    Map.entry("-i", "--index-url"),
                    Map.entry("--index-url", "--index-url"),
                    Map.entry("--pypi-url", "--index-url"),
                    Map.entry("--extra-index-url", "--extra-index-url"),
                    Map.entry("-f", "--find-links"),
                    Map.entry("--find-links", "--find-links"),
                    Map.entry("--no-binary", "--no-binary"),
                    Map.entry("--only-binary", "--only-binary"),
                    Map.entry("--trusted-host", "--trusted-host"));

    private static final Set<String> ALONE = Set.of("--no-index", "--pre", "--prefer-binary");

    /// Flags that would read the developer's files, or change what an install step is.
    private static final Map<String, String> REFUSED =
            Map.of(
                    "-r", "write its lines into requirements",
                    "--requirement", "write its lines into requirements",
                    "-c", "write its pins into requirements",
                    "--constraint", "write its pins into requirements",
                    "-e", "name the folder without -e: it is packaged and installed",
                    "--editable", "name the folder without -e: it is packaged and installed",
                    "--target", "leave it out: Mews chooses where packages go",
                    "--no-deps", "leave it out: dependencies are always resolved");

    private static final Pattern DIRECT =
            Pattern.compile("^([A-Za-z0-9._-]+(?:\\[[^\\]]*])?)\\s*@\\s*(\\S.*)$");

    RequirementLayer {
        packages = List.copyOf(packages);
        options = List.copyOf(options);
    }

    /// @param arguments one install step; an entry may hold a flag with its operand in one string
    /// @throws Refusal if a flag is unknown, is not allowed here, or lacks its operand
    static RequirementLayer parse(List<String> arguments) {
        List<String> packages = new ArrayList<>();
        List<String> options = new ArrayList<>();
        List<String> words = words(arguments);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (!word.startsWith("-")) {
                packages.add(DIRECT.matcher(word).replaceFirst("$1 @ $2"));
                continue;
            }
            int equals = word.indexOf('=');
            String flag = equals > 0 ? word.substring(0, equals) : word;
            if (ALONE.contains(flag)) {
                options.add(flag);
            } else if (WITH_VALUE.containsKey(flag)) {
                String value = equals > 0 ? word.substring(equals + 1) : operand(flag, words, ++i);
                options.add(WITH_VALUE.get(flag) + " " + value);
            } else {
                throw refused(flag);
            }
        }
        return new RequirementLayer(packages, options);
    }

    /// The same layer with each entry and option changed.
    RequirementLayer map(UnaryOperator<String> change) {
        return new RequirementLayer(
                packages.stream().map(change).toList(), options.stream().map(change).toList());
    }

    /// Lines of a requirements file.
    String text() {
        List<String> lines = new ArrayList<>(options);
        lines.addAll(packages);
        return String.join("\n", lines) + "\n";
    }

    private static List<String> words(List<String> arguments) {
        List<String> words = new ArrayList<>();
        for (String argument : arguments) {
            String entry = argument.strip();
            if (entry.isEmpty() || entry.startsWith("#")) {
                continue;
            }
            if (entry.startsWith("-") && entry.contains(" ")) {
                words.addAll(List.of(entry.split("\\s+")));
            } else {
                words.add(entry);
            }
        }
        return words;
    }

    private static String operand(String flag, List<String> words, int at) {
        if (at >= words.size() || words.get(at).startsWith("-")) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "requirements: %s needs a value after it".formatted(flag));
        }
        return words.get(at);
    }

    private static Refusal refused(String flag) {
        String instead =
                REFUSED.getOrDefault(flag, "flags that work: " + String.join(", ", known()));
        return new Refusal(
                Refusal.Kind.INVALID,
                "requirements: the flag %s cannot be used here; %s".formatted(flag, instead));
    }

    private static List<String> known() {
        List<String> known =
                new ArrayList<>(WITH_VALUE.values().stream().distinct().sorted().toList());
        known.addAll(ALONE.stream().sorted().toList());
        return known;
    }
}
