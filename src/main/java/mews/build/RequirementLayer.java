package mews.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mews.model.Refusal;

/// One install step as pip takes it, sorted out: packages, and the flags that serve all of them
/// wherever they stand.
///
/// @param packages in order, each a requirement or a URL
/// @param options lines of a requirements file, such as `--extra-index-url https://…`
public record RequirementLayer(List<String> packages, List<String> options) {
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

    public static final String LINKS = "--find-links";

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
                    "--hash", "write it behind a URL, as #sha256=…",
                    "--target", "leave it out: Mews chooses where packages go",
                    "--no-deps", "leave it out: dependencies are always resolved");

    private static final Pattern BEFORE_FLAG = Pattern.compile("\\s+(?=--?[a-z])");
    private static final Pattern COMMENT = Pattern.compile("(^|\\s+)#.*$");

    public RequirementLayer {
        packages = List.copyOf(packages);
        options = List.copyOf(options);
    }

    /// @param arguments one install step; an entry may hold a flag with its operand in one string
    /// @throws Refusal if a flag is unknown, is not allowed here, or lacks its operand
    public static RequirementLayer parse(List<String> arguments) {
        List<String> packages = new ArrayList<>();
        List<String> options = new ArrayList<>();
        List<String> words = words(arguments);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (!word.startsWith("-")) {
                packages.add(Package.parse(word).toString());
                continue;
            }
            int equals = word.indexOf('=');
            String flag = equals > 0 ? word.substring(0, equals) : word;
            if (ALONE.contains(flag)) {
                options.add(flag);
            } else if (WITH_VALUE.containsKey(flag)) {
                String value = equals > 0 ? word.substring(equals + 1) : operand(flag, words, ++i);
                options.add(option(WITH_VALUE.get(flag), value));
            } else {
                throw refused(flag);
            }
        }
        return new RequirementLayer(packages, options);
    }

    /// The same layer with each entry and option changed, as it was written.
    public RequirementLayer map(UnaryOperator<String> change) {
        return new RequirementLayer(
                packages.stream().map(change).toList(), options.stream().map(change).toList());
    }

    /// The same layer with one more option.
    RequirementLayer plus(String option) {
        List<String> more = new ArrayList<>(options);
        more.add(option);
        return new RequirementLayer(packages, more);
    }

    /// The same layer with `${NAME}` filled in, looked at anew.
    ///
    /// @throws Refusal as `parse` does; and if a value would be more than one word
    public RequirementLayer filled(UnaryOperator<String> fill) {
        List<String> words = new ArrayList<>();
        for (String entry : Stream.concat(options.stream(), packages.stream()).toList()) {
            String text = fill.apply(entry);
            if (!text.equals(entry) && text.split("\\s+-|\\R").length > 1) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "requirement '%s': a secret in it has several lines or a flag; it must be one word"
                                .formatted(UrlMask.forPeople(entry)));
            }
            words.add(text);
        }
        return parse(words);
    }

    /// URLs of its options.
    public List<SourceUrl> places() {
        return options.stream()
                .filter(option -> option.contains("://"))
                .flatMap(option -> SourceUrl.parse(option.substring(option.indexOf(' '))).stream())
                .toList();
    }

    /// Tokens, passwords and signatures in its URLs, as written and decoded.
    public List<String> confidential() {
        return Stream.concat(
                        packages.stream().flatMap(entry -> Package.parse(entry).source().stream()),
                        places().stream())
                .flatMap(url -> url.confidential().stream())
                .distinct()
                .toList();
    }

    /// Lines of a requirements file.
    public String text() {
        List<String> lines = new ArrayList<>(options);
        lines.addAll(packages);
        return String.join("\n", lines) + "\n";
    }

    /// One entry may be a flag with its operand, a package with flags behind it, or several lines.
    private static List<String> words(List<String> arguments) {
        List<String> words = new ArrayList<>();
        for (String line : arguments.stream().flatMap(String::lines).toList()) {
            String entry = COMMENT.matcher(line).replaceFirst("").strip();
            for (String piece : BEFORE_FLAG.split(entry)) {
                if (piece.startsWith("-")) {
                    words.addAll(List.of(piece.split("\\s+", 2)));
                } else if (!piece.isBlank()) {
                    words.add(piece.strip());
                }
            }
        }
        return words;
    }

    /// @throws Refusal if it should be a URL and is none
    private static String option(String flag, String value) {
        boolean place = flag.endsWith("-url") || flag.equals(LINKS);
        boolean later = value.contains("${");
        boolean url =
                SourceUrl.parse(value).filter(it -> it.isWeb() && !it.host().isEmpty()).isPresent();
        if (place && !url && !later) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "requirements: %s needs a URL that begins with https:// or http://, got '%s'; %s"
                            .formatted(
                                    flag,
                                    UrlMask.forPeople(value),
                                    flag.equals(LINKS)
                                            ? "a folder of wheels is sent along by 'mews', relative to requirements_context_dir"
                                            : "write the whole URL"));
        }
        return flag + " " + value;
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
