package mews.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which files of a build context stay at home: patterns as in `.gitignore`, of which the last one
/// that matches decides. protocol: control 4.3
final class IgnoreRules {
    /// Where a context has no `.dockerignore`.
    static final List<String> DEFAULT =
            List.of(
                    ".git",
                    ".gitignore",
                    ".dockerignore",
                    "Dockerfile",
                    "Dockerfile.*",
                    "*.md",
                    "__pycache__",
                    "*.pyc",
                    ".DS_Store",
                    ".venv",
                    "venv",
                    ".env",
                    "node_modules");

    private final List<Rule> rules;

    private IgnoreRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    private record Rule(Pattern pattern, boolean keeps) {}

    /// As the file `.dockerignore` of a context says.
    static IgnoreRules ofContext(Path context) {
        Path file = context.resolve(".dockerignore");
        if (!Files.isRegularFile(file)) {
            return of(DEFAULT);
        }
        try {
            return of(Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    static IgnoreRules of(List<String> patterns) {
        List<Rule> rules = new ArrayList<>();
        for (String line : patterns) {
            String pattern = line.strip();
            boolean keeps = pattern.startsWith("!");
            String bare = keeps ? pattern.substring(1) : pattern;
            if (!bare.isEmpty() && !bare.startsWith("#") && !bare.equals("/")) {
                rules.add(new Rule(Pattern.compile(regex(bare)), keeps));
            }
        }
        return new IgnoreRules(rules);
    }

    /// @param regexes of Python, searched for in the relative path
    static IgnoreRules ofRegexes(List<String> regexes) {
        return new IgnoreRules(
                regexes.stream().map(regex -> new Rule(AppFiles.pattern(regex), false)).toList());
    }

    /// @param path of a file, relative to the context, with `/`
    boolean ignores(String path) {
        for (Rule rule : rules.reversed()) {
            if (rule.pattern().matcher(path).find()) {
                return !rule.keeps();
            }
        }
        return false;
    }

    /// Whether nothing below an ignored folder can be kept after all.
    boolean isFinal() {
        return rules.stream().noneMatch(Rule::keeps);
    }

    /// What leaves files out, as regular expressions.
    List<String> regexes() {
        return rules.stream()
                .filter(rule -> !rule.keeps())
                .map(rule -> rule.pattern().pattern())
                .toList();
    }

    private static String regex(String pattern) {
        boolean folder = pattern.endsWith("/");
        String path = folder ? pattern.substring(0, pattern.length() - 1) : pattern;
        boolean anchored = path.contains("/");
        String relative = path.startsWith("/") ? path.substring(1) : path;
        StringBuilder regex = new StringBuilder("^");
        if (!anchored) {
            regex.append("(?:.+/)?");
        }
        String[] segments = relative.split("/");
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            if (!segments[i].equals("**")) {
                regex.append(glob(segments[i])).append(last ? "" : "/");
            } else {
                regex.append(last ? ".+" : "(?:.+/)?");
            }
        }
        return regex.append(folder ? "/.*$" : "(?:/.*)?$").toString();
    }

    /// One segment of a path, as the shell matches it.
    static String glob(String segment) {
        StringBuilder regex = new StringBuilder();
        Matcher part =
                Pattern.compile("\\*+|\\?|\\[[!^]?\\]?[^\\]]*\\]|\\\\(.)|.").matcher(segment);
        while (part.find()) {
            String text = part.group();
            switch (text.charAt(0)) {
                case '*' -> regex.append("[^/]*");
                case '?' -> regex.append("[^/]");
                case '[' -> regex.append(text.length() == 1 ? "\\[" : characters(text));
                case '\\' -> regex.append(part.group(1) == null ? "\\\\" : literal(part.group(1)));
                default -> regex.append(literal(text));
            }
        }
        return regex.toString();
    }

    private static String characters(String text) {
        String inner = text.substring(1, text.length() - 1);
        boolean not = inner.startsWith("!") || inner.startsWith("^");
        String set = (not ? inner.substring(1) : inner).replaceAll("[\\\\\\[\\]&^]", "\\\\$0");
        return not ? "[^/" + set + "]" : "[" + set + "]";
    }

    private static String literal(String text) {
        return text.replaceAll("[^\\w\\s/]", "\\\\$0");
    }
}
