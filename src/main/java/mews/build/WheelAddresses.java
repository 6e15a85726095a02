package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Where the public index keeps the wheels of a lock, in the standard's format
/// (packaging.python.org, "pylock.toml Specification"). It is written where a stranger's code may
/// have been, so that it counts only as far as the lock agrees: same packages, same versions, no
/// hash that is not there.
final class WheelAddresses {
    static final String FILE = "pylock.toml";

    /// Arguments that make uv read one.
    static final List<String> READ = List.of("--preview-features", "pylock");

    /// Arguments that make uv write one.
    static final List<String> FORMAT =
            List.of("--format", "pylock.toml", "--preview-features", "pylock");

    private static final long LARGEST = 64L << 20;

    private static final Pattern NAME = Pattern.compile("(?m)^name = \"([^\"\\n]+)\"$");
    private static final Pattern VERSION = Pattern.compile("(?m)^version = \"([^\"\\n]+)\"$");
    private static final Pattern HASH = Pattern.compile("\\bsha256 = \"([0-9a-f]{64})\"");

    /// Addresses of an index have no user and nothing to sign.
    private static final Pattern URL = Pattern.compile("\\burl = \"https://[^\"@?#\\s]+\"");

    private static final Pattern ANY_URL = Pattern.compile("\\burl = ");

    /// Other sources than an index, or one that is named already.
    private static final Pattern OTHER =
            Pattern.compile("(?m)\\bpath = |^(vcs|directory|archive|sdist|index)\\b");

    private WheelAddresses() {}

    /// @param orders where nobody but the server writes
    /// @return a file of the same content in there; empty if the lock does not agree
    static Optional<Path> checked(Path file, Lock wanted, Path orders) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST) {
            return Optional.empty();
        }
        String text = Files.readString(file);
        if (!agrees(text, wanted)) {
            return Optional.empty();
        }
        // uv leaves the usual index out, and then takes each address for an index of its own.
        String index = "$0\nindex = \"%s\"".formatted(PublicIndex.URL);
        return Optional.of(
                Files.writeString(orders.resolve(FILE), VERSION.matcher(text).replaceAll(index)));
    }

    private static boolean agrees(String text, Lock wanted) {
        String[] blocks = text.split("(?m)^\\[\\[packages]]$");
        Set<String> names = new HashSet<>();
        for (String block : List.of(blocks).subList(1, blocks.length)) {
            List<String> name = all(NAME, block);
            if (name.size() != 1
                    || !agreesOn(block, wanted.entries(), name.getFirst())
                    || !names.add(Lock.name(name.getFirst()))) {
                return false;
            }
        }
        return names.equals(wanted.entries().keySet());
    }

    private static boolean agreesOn(String block, Map<String, String> entries, String name) {
        String entry = entries.getOrDefault(Lock.name(name), "");
        List<String> version = all(VERSION, block);
        List<String> hashes = all(HASH, block);
        long urls = URL.matcher(block).results().count();
        return version.size() == 1
                && entry.startsWith(Lock.name(name) + "==" + version.getFirst() + " ")
                && !OTHER.matcher(block).find()
                && urls > 0
                && urls == ANY_URL.matcher(block).results().count()
                && urls == hashes.size()
                && hashes.stream().allMatch(hash -> Lock.hashes(entry).contains("sha256:" + hash));
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult found) -> found.group(1)).toList();
    }
}
