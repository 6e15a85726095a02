package mews.build;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Looks into the file system of an image without leaving it: its symbolic links are followed as a
/// process in it would.
final class RootFiles {
    private static final int MOST_LINKS = 40;

    private final Path root;

    RootFiles(Path root) {
        this.root = root;
    }

    /// The first program of one of these names on a PATH. All of PATH is searched for the first
    /// name before the second.
    ///
    /// @return absolute path as a process in the image sees it; null if there is none
    @Nullable String program(String path, List<String> names) {
        for (String name : names) {
            for (String folder : path.split(":")) {
                String candidate = (folder.endsWith("/") ? folder : folder + "/") + name;
                @Nullable Path file = folder.startsWith("/") ? find(candidate) : null;
                if (file != null && Files.isRegularFile(file) && Files.isExecutable(file)) {
                    return candidate;
                }
            }
        }
        return null;
    }

    /// @param inside absolute
    /// @return where it lies on this host; null if it is not there
    @Nullable Path find(String inside) {
        Deque<String> left = new ArrayDeque<>(List.of(inside.split("/")));
        Path at = root;
        int links = 0;
        while (!left.isEmpty()) {
            String part = left.pop();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                at = at.equals(root) ? root : at.resolveSibling("");
                continue;
            }
            Path next = at.resolve(part);
            if (!Files.isSymbolicLink(next)) {
                at = next;
                continue;
            }
            String target = target(next);
            if (target == null || ++links > MOST_LINKS) {
                return null;
            }
            at = target.startsWith("/") ? root : at;
            List.of(target.split("/")).reversed().forEach(left::push);
        }
        return Files.exists(at, LinkOption.NOFOLLOW_LINKS) ? at : null;
    }

    private static @Nullable String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (java.io.IOException e) {
            return null;
        }
    }
}
