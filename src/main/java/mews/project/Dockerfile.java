package mews.project;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.base.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a Dockerfile takes from its build context: the sources of `COPY` and `ADD`, and what `RUN`
/// mounts.
final class Dockerfile {
    private static final Pattern ESCAPE = Pattern.compile("#\\s*escape\\s*=\\s*(\\S)\\s*");
    private static final Pattern INSTRUCTION =
            Pattern.compile("\\s*(\\w+)\\s+(.*)", Pattern.DOTALL);
    private static final Pattern FLAG =
            Pattern.compile("--([\\w-]+)(?:=((?:\"[^\"]*\"|'[^']*'|[^\\s\"'])*))?\\s*");
    private static final Pattern HERE_DOCUMENT =
            Pattern.compile("<<-?(?:\"\\w+\"|'\\w+'|[A-Za-z_]\\w*)");
    private static final Pattern REMOTE = Pattern.compile("(?i)(https?|git|ssh)://.*|git@.*");

    private final List<String> lines;
    private final String escape;
    private final List<Source> sources = new ArrayList<>();

    private Dockerfile(String text) {
        this.lines = text.lines().toList();
        this.escape = escape(lines);
    }

    /// A path or pattern below the context, as it is written.
    ///
    /// @param copied false: mounted for one `RUN` only
    /// @param line counted from 1
    record Source(String path, boolean copied, int line) {}

    /// In their order; URLs, other build stages and inline text are not among them.
    static List<Source> sources(String text) {
        Dockerfile file = new Dockerfile(text);
        file.read();
        return List.copyOf(file.sources);
    }

    private static String escape(List<String> lines) {
        for (String line : lines) {
            if (!line.startsWith("#")) {
                break;
            }
            Matcher directive = ESCAPE.matcher(line.toLowerCase(Locale.ROOT));
            if (directive.matches()) {
                return directive.group(1);
            }
        }
        return "\\";
    }

    private void read() {
        int next = 0;
        while (next < lines.size()) {
            int first = next;
            StringBuilder whole = new StringBuilder();
            boolean more = true;
            while (more && next < lines.size()) {
                String line = lines.get(next++);
                if (line.isBlank() || line.stripLeading().startsWith("#")) {
                    // Inside of a continued instruction they are skipped too.
                    more = !whole.isEmpty();
                    continue;
                }
                String text = line.stripTrailing();
                more = text.endsWith(escape);
                whole.append(more ? text.substring(0, text.length() - 1) + " " : text);
            }
            Matcher instruction = INSTRUCTION.matcher(whole);
            if (instruction.matches()) {
                String name = instruction.group(1).toUpperCase(Locale.ROOT);
                take(name, instruction.group(2).strip(), first + 1);
                next = afterHereDocuments(name, instruction.group(2), next);
            }
        }
    }

    /// The lines of inline text are no instructions.
    private int afterHereDocuments(String instruction, String arguments, int from) {
        int next = from;
        if (!Set.of("RUN", "COPY", "ADD").contains(instruction)) {
            return next;
        }
        Matcher marks = HERE_DOCUMENT.matcher(arguments);
        while (marks.find()) {
            String word = marks.group().replaceFirst("<<-?", "").replaceAll("[\"']", "");
            for (int i = next; i < lines.size(); i++) {
                if (lines.get(i).strip().equals(word)) {
                    next = i + 1;
                    break;
                }
            }
        }
        return next;
    }

    private void take(String instruction, String arguments, int line) {
        Matcher flags = FLAG.matcher(arguments);
        int end = 0;
        boolean elsewhere = false;
        while (flags.find(end) && flags.start() == end) {
            String value = flags.group(2) == null ? "" : flags.group(2);
            elsewhere |= flags.group(1).equals("from");
            if (instruction.equals("RUN") && flags.group(1).equals("mount")) {
                mount(value, line);
            }
            end = flags.end();
        }
        boolean copies = instruction.equals("COPY") || instruction.equals("ADD");
        if (copies && !elsewhere) {
            List<String> words = words(arguments.substring(end));
            words.stream()
                    .limit(Math.max(0, words.size() - 1))
                    .filter(word -> !word.startsWith("<<"))
                    .filter(word -> instruction.equals("COPY") || !REMOTE.matcher(word).matches())
                    .forEach(word -> sources.add(new Source(word, true, line)));
        }
    }

    /// A bind mount without `from` shows a part of the context to one `RUN`.
    private void mount(String options, int line) {
        String source = "";
        for (String option : options.replaceAll("[\"']", "").split(",")) {
            String[] pair = option.split("=", 2);
            String value = pair.length < 2 ? "" : pair[1];
            switch (pair[0]) {
                case "type" -> {
                    if (!value.equals("bind")) {
                        return;
                    }
                }
                case "from" -> {
                    return;
                }
                case "source", "src" -> source = value;
                default -> {
                    // Where it appears is the builder's business.
                }
            }
        }
        sources.add(new Source(source, false, line));
    }

    private List<String> words(String arguments) {
        if (arguments.startsWith("[")) {
            try {
                JsonNode list = Json.MAPPER.readTree(arguments);
                return list.valueStream().map(word -> word.asString("")).toList();
            } catch (JacksonException e) {
                // Then it is a name that begins with a bracket.
            }
        }
        return shellWords(arguments);
    }

    private List<String> shellWords(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inside = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && Character.isWhitespace(c)) {
                if (inside) {
                    words.add(word.toString());
                    word.setLength(0);
                }
                inside = false;
                continue;
            }
            inside = true;
            if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            } else if (c == escape.charAt(0) && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
            } else {
                word.append(c);
            }
        }
        if (inside) {
            words.add(word.toString());
        }
        return words;
    }

    /// The segments of a source below the context; empty for all of it.
    static List<String> segments(String path) {
        return Arrays.stream(path.split("/"))
                .filter(segment -> !segment.isEmpty() && !segment.equals("."))
                .toList();
    }
}
