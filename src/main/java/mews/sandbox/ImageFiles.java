package mews.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// Looks at the files of an image from outside, without ever following one of its links out of it.
///
/// @param root of the image's files on this host, which nobody changes meanwhile
public record ImageFiles(Path root) {
    private static final int MOST_LINKS = 40;

    /// @param path absolute, as a process in the image would say it
    /// @return where the file itself lies on this host, no link among its names; empty if there is
    ///   no such file
    public Optional<Path> find(String path) {
        Path at = root;
        Deque<Path> names = new ArrayDeque<>();
        push(names, Path.of(path));
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.pop().toString();
            if (name.equals("..")) {
                at = at.equals(root) ? at : at.resolveSibling("");
                continue;
            }
            Path next = name.isEmpty() || name.equals(".") ? at : at.resolve(name);
            if (Files.isSymbolicLink(next)) {
                links++;
                Optional<Path> target = target(next);
                if (target.isEmpty() || links > MOST_LINKS) {
                    return Optional.empty();
                }
                at = target.get().isAbsolute() ? root : at;
                push(names, target.get());
            } else if (Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                at = next;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(at);
    }

    /// The text of a small file such as `/etc/passwd`; empty if there is none that can be read.
    public String text(String path) {
        try {
            Optional<Path> file = find(path).filter(Files::isRegularFile);
            return file.isEmpty()
                    ? ""
                    : new String(Files.readAllBytes(file.get()), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static Optional<Path> target(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void push(Deque<Path> names, Path path) {
        for (int last = path.getNameCount() - 1; last >= 0; last--) {
            names.push(path.getName(last));
        }
    }
}
