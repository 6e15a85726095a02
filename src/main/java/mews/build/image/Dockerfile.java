package mews.build.image;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// What must be known of a Dockerfile before it is built: which images it stands on, which files it
/// copies, and in which line each step is. Protocol: the Dockerfile reference.
final class Dockerfile {
    /// @param line where it begins, from 1
    /// @param stage from 0; -1 before the first FROM
    /// @param name upper case
    /// @param rest what follows the name, on one line
    record Instruction(int line, int stage, String name, String rest) {}

    private static final Pattern DIRECTIVE =
            Pattern.compile("#\\s*(\\w+)\\s*=\\s*(.*)", Pattern.CASE_INSENSITIVE);

    /// A word of its own, so neither `$((1<<2))` nor `<<<text`.
    private static final Pattern HEREDOC =
            Pattern.compile("(?<!\\S)\\d*<<-?(['\"]?)([^\\s<'\"]+)\\1(?!\\S)");

    private static final Pattern VARIABLE =
            Pattern.compile("\\$(?:(\\w+)|\\{(\\w+)(?::([-+])([^}]*))?})");
    private static final Pattern FROM_FLAG = Pattern.compile("--from=(\\S+)");
    private static final Pattern MOUNT_FROM = Pattern.compile("--mount=\\S*?\\bfrom=([^,\\s]+)");

    private final List<Instruction> instructions = new ArrayList<>();
    private char escape = '\\';

    private Dockerfile(String text) {
        read(text.replace("\r\n", "\n").split("\n", -1));
    }

    /// @throws Refusal if there is nothing to build
    static Dockerfile parse(String text) {
        Dockerfile file = new Dockerfile(text);
        if (file.instructions.stream().noneMatch(each -> each.name().equals("FROM"))) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "the Dockerfile has no FROM; its first instruction must name the base image");
        }
        return file;
    }

    /// The step that a builder numbers so.
    ///
    /// @param stage from 0
    /// @param step from 1, the stage's FROM
    @Nullable Instruction step(int stage, int step) {
        List<Instruction> steps = steps(stage);
        return step < 1 || step > steps.size() ? null : steps.get(step - 1);
    }

    /// @param stage from 0
    List<Instruction> steps(int stage) {
        return instructions.stream().filter(each -> each.stage() == stage).toList();
    }

    int stages() {
        return (int) instructions.stream().filter(each -> each.name().equals("FROM")).count();
    }

    /// @param name as `AS` gives it, or a number from 0
    /// @return the last one if there is none of that name
    int stage(String name) {
        for (Instruction each : instructions) {
            boolean named =
                    each.name().equals("FROM")
                            && each.rest().matches("(?is).*\\sAS\\s+" + Pattern.quote(name));
            if (named) {
                return each.stage();
            }
        }
        return name.matches("\\d{1,4}") ? Integer.parseInt(name) : stages() - 1;
    }

    /// Images of registries that are needed, each once.
    ///
    /// @param arguments build arguments of the caller
    /// @param architecture of this host, such as `amd64`
    /// @throws Refusal if a FROM cannot be made out
    Set<ImageName> bases(Map<String, String> arguments, String architecture) {
        Map<String, String> known = arguments(arguments, architecture);
        Set<String> stages = new LinkedHashSet<>();
        Set<ImageName> bases = new LinkedHashSet<>();
        for (Instruction each : instructions) {
            if (each.name().equals("FROM")) {
                String[] words = each.rest().replaceAll("--platform=\\S+\\s+", "").split("\\s+");
                add(bases, stages, each, expand(words[0], known));
                stages.add(String.valueOf(each.stage()));
                if (words.length >= 3 && words[1].equalsIgnoreCase("AS")) {
                    stages.add(words[2].toLowerCase(Locale.ROOT));
                }
            } else if (List.of("COPY", "ADD", "RUN").contains(each.name())) {
                Pattern named = each.name().equals("RUN") ? MOUNT_FROM : FROM_FLAG;
                named.matcher(each.rest())
                        .results()
                        .forEach(found -> add(bases, stages, each, expand(found.group(1), known)));
            }
        }
        return bases;
    }

    private static void add(
            Set<ImageName> bases, Set<String> stages, Instruction where, String text) {
        if (text.isEmpty() || text.contains("$")) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "Dockerfile line %d: the image of '%s %s' cannot be made out; give its variables a default with ARG before the first FROM, or a value in build_args"
                            .formatted(where.line(), where.name(), where.rest()));
        }
        if (!text.equals("scratch") && !stages.contains(text.toLowerCase(Locale.ROOT))) {
            bases.add(ImageName.parse(text));
        }
    }

    private Map<String, String> arguments(Map<String, String> given, String architecture) {
        Map<String, String> known = new HashMap<>();
        for (String side : List.of("TARGET", "BUILD")) {
            known.put(side + "PLATFORM", "linux/" + architecture);
            known.put(side + "OS", "linux");
            known.put(side + "ARCH", architecture);
        }
        for (Instruction each : instructions) {
            if (each.stage() < 0 && each.name().equals("ARG")) {
                for (String word : each.rest().split("\\s+")) {
                    String[] halves = word.split("=", 2);
                    String standard = halves.length == 2 ? expand(unquoted(halves[1]), known) : "";
                    known.put(halves[0], given.getOrDefault(halves[0], standard));
                }
            }
        }
        return known;
    }

    static String expand(String text, Map<String, String> known) {
        Matcher matcher = VARIABLE.matcher(unquoted(text));
        StringBuilder expanded = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            String value = known.getOrDefault(name, "");
            if ("-".equals(matcher.group(3)) && value.isEmpty()) {
                value = matcher.group(4);
            } else if ("+".equals(matcher.group(3))) {
                value = value.isEmpty() ? "" : matcher.group(4);
            }
            matcher.appendReplacement(expanded, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(expanded).toString();
    }

    private static String unquoted(String text) {
        boolean quoted =
                text.length() >= 2
                        && "\"'".indexOf(text.charAt(0)) >= 0
                        && text.charAt(0) == text.charAt(text.length() - 1);
        return quoted ? text.substring(1, text.length() - 1) : text;
    }

    private void read(String[] lines) {
        int at = 0;
        // Directives stand on top, before anything else.
        while (at < lines.length && directive(lines[at])) {
            at++;
        }
        int stage = -1;
        while (at < lines.length) {
            String line = lines[at].strip();
            if (line.isEmpty() || line.startsWith("#")) {
                at++;
                continue;
            }
            int begin = at + 1;
            StringBuilder whole = new StringBuilder();
            at = join(lines, at, whole);
            String[] halves = whole.toString().strip().split("\\s+", 2);
            String name = halves[0].toUpperCase(Locale.ROOT);
            String rest = halves.length == 2 ? halves[1] : "";
            stage += name.equals("FROM") ? 1 : 0;
            instructions.add(new Instruction(begin, stage, name, rest));
            at = skipDocuments(lines, at, name, rest);
        }
    }

    private boolean directive(String line) {
        Matcher matcher = DIRECTIVE.matcher(line.strip());
        if (!matcher.matches()) {
            return false;
        }
        if (matcher.group(1).equalsIgnoreCase("escape") && matcher.group(2).strip().equals("`")) {
            escape = '`';
        }
        return true;
    }

    /// @return the line after the instruction that begins at `at`
    private int join(String[] lines, int at, StringBuilder whole) {
        int next = at;
        while (next < lines.length) {
            String line = lines[next].stripTrailing();
            next++;
            // Comments and empty lines inside of an instruction are not part of it.
            if (next - 1 > at && (line.strip().startsWith("#") || line.isBlank())) {
                continue;
            }
            if (line.isEmpty() || line.charAt(line.length() - 1) != escape) {
                whole.append(line);
                break;
            }
            whole.append(line, 0, line.length() - 1).append(' ');
        }
        return next;
    }

    private static int skipDocuments(String[] lines, int at, String name, String rest) {
        int next = at;
        if (List.of("RUN", "COPY", "ADD").contains(name)) {
            Matcher heredoc = HEREDOC.matcher(rest);
            while (heredoc.find()) {
                while (next < lines.length && !lines[next].strip().equals(heredoc.group(2))) {
                    next++;
                }
                next = Math.min(next + 1, lines.length);
            }
        }
        return next;
    }
}
