package mews.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import mews.base.Hashes;
import mews.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// What runners of an environment had imported by the time they were ready: names of modules of the
/// environment or the standard library, never of the apps themselves. Kept in files, since a parent
/// of the next life of this server wants them too. Thread-safe.
final class LearnedImports {
    private static final Logger LOG = LoggerFactory.getLogger(LearnedImports.class);

    private final Path folder;

    LearnedImports(Path folder) {
        this.folder = folder;
    }

    /// In the order of their import; empty if nothing is known.
    synchronized List<String> of(String image, String account) {
        Path file = file(image, account);
        try {
            return Files.exists(file)
                    ? Arrays.asList(Json.MAPPER.readValue(Files.readString(file), String[].class))
                    : List.of();
        } catch (IOException | JacksonException e) {
            return List.of();
        }
    }

    /// @return whether one of them was new
    synchronized boolean add(String image, String account, List<String> modules) {
        Set<String> known = new LinkedHashSet<>(of(image, account));
        if (!known.addAll(modules) || known.size() > Message.MOST_MODULES) {
            return false;
        }
        write(image, account, List.copyOf(known));
        return true;
    }

    /// An environment whose parent they broke does better without.
    synchronized void forget(String image, String account) {
        write(image, account, List.of());
    }

    private void write(String image, String account, List<String> modules) {
        Path file = file(image, account);
        try {
            Files.createDirectories(folder);
            Path draft = file.resolveSibling(file.getFileName() + ".tmp");
            Files.writeString(draft, Json.write(modules));
            Files.move(
                    draft,
                    file,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("learned imports are not kept file={}", file, e);
        }
    }

    private Path file(String image, String account) {
        return folder.resolve(Hashes.sha256Hex(image + " " + account).substring(0, 32) + ".json");
    }
}
