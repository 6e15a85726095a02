package mews.sandbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import mews.model.Refusal;
import mews.sandbox.SandboxSpec.User;

/// Whom an image wants to run as, by its own `/etc/passwd` and `/etc/group`.
///
/// @param home absolute
public record ImageUser(User user, String home) {
    private static final int HIGHEST = 65_535;

    /// @param wanted as an image says it: empty, a name or number, each perhaps with `:` and a
    ///   group
    /// @throws Refusal if a name is not in the image
    public static ImageUser of(ImageFiles image, String wanted) {
        String[] parts = wanted.isEmpty() ? new String[] {"0"} : wanted.split(":", 2);
        List<String[]> users = rows(image, "/etc/passwd", 6);
        List<String[]> groups = rows(image, "/etc/group", 3);
        Optional<String[]> row = row(users, parts[0], 2);
        int uid =
                row.map(found -> number(found[2]))
                        .orElseGet(() -> named("user", parts[0], "passwd"));
        boolean chosen = parts.length == 2 && !parts[1].isEmpty();
        int gid =
                chosen
                        ? row(groups, parts[1], 2)
                                .map(found -> number(found[2]))
                                .orElseGet(() -> named("group", parts[1], "group"))
                        : row.map(found -> number(found[3])).orElse(0);
        List<Integer> further =
                row.isEmpty() || chosen ? List.of() : memberships(groups, row.get()[0], gid);
        String home = row.map(found -> found[5]).filter(path -> path.startsWith("/")).orElse("/");
        return new ImageUser(new User(uid, gid, further), home);
    }

    private static List<Integer> memberships(List<String[]> groups, String name, int own) {
        List<Integer> further = new ArrayList<>();
        for (String[] group : groups) {
            int gid = number(group[2]);
            boolean member = group.length > 3 && Arrays.asList(group[3].split(",")).contains(name);
            if (member && gid != own && gid <= HIGHEST && !further.contains(gid)) {
                further.add(gid);
            }
        }
        return further;
    }

    /// By name first, as everybody does: a name may consist of digits.
    private static Optional<String[]> row(List<String[]> rows, String wanted, int column) {
        return rows.stream()
                .filter(row -> row[0].equals(wanted))
                .findFirst()
                .or(() -> rows.stream().filter(row -> row[column].equals(wanted)).findFirst());
    }

    private static int named(String what, String wanted, String file) {
        if (wanted.matches("\\d{1,9}")) {
            return Integer.parseInt(wanted);
        }
        throw new Refusal(
                Refusal.Kind.INVALID,
                "the image runs as %s '%s', which is not in its /etc/%s; add it in the Dockerfile, or write its number in USER"
                        .formatted(what, wanted, file));
    }

    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    private static List<String[]> rows(ImageFiles image, String file, int columns) {
        return image.text(file)
                .lines()
                .map(line -> line.split(":", -1))
                .filter(row -> row.length >= columns && row[2].matches("\\d{1,9}"))
                .toList();
    }
}
