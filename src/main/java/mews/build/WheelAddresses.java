package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
            Pattern.compile("(?m)\\bpath = |^(vcs|directory|archive|index)\\b");

    private static final Pattern PACKAGE = Pattern.compile("(?m)^\\[\\[packages]]$");

    private static final Pattern WHEELS = Pattern.compile("(?m)^wheels = ");

    /// What the second says is of no interest, nor whether it works.
    private static final String BOTH =
            "also=$1; shift; \"$@\" || exit; eval \"$also\" </dev/null >/dev/null 2>&1; exit 0";

    private WheelAddresses() {}

    /// In one sandbox, for making one takes longer than the second command.
    ///
    /// @param first uv, resolving
    /// @param second uv, writing down addresses if the first succeeds
    static List<String> afterwards(List<String> first, List<String> second) {
        String also =
                second.stream()
                        .map(word -> "'" + word.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" "));
        return Stream.concat(Stream.of("/bin/sh", "-c", BOTH, "sh", also), first.stream()).toList();
    }

    /// What was written down while this build resolved, as far as it is wanted.
    ///
    /// @return a file where nobody but the server writes; empty if the lock does not agree
    static Optional<Path> known(Bench bench, Lock wanted) throws IOException {
        return checked(bench.draft().resolve(FILE), wanted, bench.orders());
    }

    static Optional<Path> checked(Path file, Lock wanted, Path orders) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST) {
            return Optional.empty();
        }
        String[] blocks = PACKAGE.split(Files.readString(file));
        StringBuilder text = new StringBuilder(blocks[0]);
        Set<String> names = new HashSet<>();
        for (String block : List.of(blocks).subList(1, blocks.length)) {
            List<String> named = all(NAME, block);
            String name = named.size() == 1 ? Lock.name(named.getFirst()) : "";
            if (name.isEmpty() || !names.add(name)) {
                return Optional.empty();
            }
            String entry = wanted.entries().get(name);
            if (entry != null && !agrees(block, entry, name)) {
                return Optional.empty();
            }
            if (entry != null) {
                // uv leaves the usual index out, and then takes each address for an index of its
                // own.
                String index = "$0\nindex = \"%s\"".formatted(PublicIndex.URL);
                text.append("[[packages]]").append(VERSION.matcher(block).replaceAll(index));
            }
        }
        return names.containsAll(wanted.entries().keySet())
                ? Optional.of(Files.writeString(orders.resolve(FILE), text))
                : Optional.empty();
    }

    private static boolean agrees(String block, String entry, String name) {
        List<String> version = all(VERSION, block);
        List<String> hashes = all(HASH, block);
        long urls = URL.matcher(block).results().count();
        return version.size() == 1
                && entry.startsWith(name + "==" + version.getFirst() + " ")
                && !OTHER.matcher(block).find()
                && WHEELS.matcher(block).find()
                && urls > 0
                && urls == ANY_URL.matcher(block).results().count()
                && urls == hashes.size()
                && hashes.stream().allMatch(hash -> Lock.hashes(entry).contains("sha256:" + hash));
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult found) -> found.group(1)).toList();
    }
}
