package mews.project;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Where a layer names places to look for archives: behind `--find-links` or `-f`, as an entry of
/// its own, behind `=`, or in one entry with other things.
final class LinkOperands {
    private static final String FLAG = "--find-links ";

    /// A place ends where the next flag begins.
    private static final Pattern OPERAND =
            Pattern.compile(
                    "(?<![^ \\t])(?:(?:--find-links|-f)(?:=|[ \\t]+)[ \\t]*|-f(?=[^\\s=-]))(?<place>[^\\s-]\\S*(?:[ \\t]+(?!--?[a-z])\\S+)*)");

    private static final Pattern OPEN = Pattern.compile("(?:^|\\s)(?:--find-links|-f)\\s*$");
    private static final Pattern COMMENT = Pattern.compile("(?<!\\S)#.*$");

    private LinkOperands() {}

    /// The same layer with each place of this machine changed: what is neither a URL of the web nor
    /// filled in later.
    static List<String> replace(List<String> layer, UnaryOperator<String> change) {
        List<String> replaced = new ArrayList<>();
        boolean open = false;
        for (String entry : layer) {
            boolean operand = open && !entry.isBlank() && !entry.strip().startsWith("-");
            String whole = operand ? FLAG + entry.strip() : entry;
            String changed =
                    whole.lines().map(line -> line(line, change)).collect(Collectors.joining("\n"));
            replaced.add(operand ? changed.substring(FLAG.length()) : changed);
            open = OPEN.matcher(COMMENT.matcher(whole).replaceFirst("")).find();
        }
        return replaced;
    }

    /// The places of this machine that a layer names, in order.
    static List<String> in(List<String> layer) {
        List<String> places = new ArrayList<>();
        replace(
                layer,
                place -> {
                    places.add(place);
                    return place;
                });
        return places;
    }

    private static String line(String line, UnaryOperator<String> change) {
        Matcher comment = COMMENT.matcher(line);
        String said = comment.find() ? line.substring(0, comment.start()) : line;
        String rest = line.substring(said.length());
        return OPERAND.matcher(said)
                        .replaceAll(found ->
                                Matcher.quoteReplacement(operand(found.group("place"), change)))
                + rest;
    }

    /// A replaced operand is always written behind the long flag, which every spelling allows.
    private static String operand(String written, UnaryOperator<String> change) {
        String place = unquoted(written.strip());
        boolean elsewhere =
                place.contains("${") || (place.contains("://") && !place.startsWith("file:"));
        return FLAG + (elsewhere ? place : change.apply(place));
    }

    private static String unquoted(String text) {
        boolean quoted = text.length() > 1 && text.matches("\".*\"|'.*'");
        return quoted ? text.substring(1, text.length() - 1) : text;
    }
}
