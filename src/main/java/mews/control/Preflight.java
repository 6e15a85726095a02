package mews.control;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import mews.account.Secrets;
import mews.model.AppFile;
import mews.model.Caller;
import mews.model.Refusal;
import mews.storage.Blobs;
import org.jspecify.annotations.Nullable;

/// What must be here before a build or a start is worth trying.
final class Preflight {
    private static final int MOST_NAMED = 10;

    private final Blobs blobs;
    private final Secrets secrets;

    Preflight(Blobs blobs, Secrets secrets) {
        this.blobs = blobs;
        this.secrets = secrets;
    }

    /// @throws Refusal naming files that were never uploaded
    void files(List<AppFile> files) {
        Set<String> missing =
                blobs.missing(files.stream().map(AppFile::hash).collect(Collectors.toSet()));
        if (missing.isEmpty()) {
            return;
        }
        String named =
                files.stream()
                        .filter(file -> missing.contains(file.hash()))
                        .limit(MOST_NAMED)
                        .map(AppFile::relativePath)
                        .collect(Collectors.joining(", "));
        throw new Refusal(
                Refusal.Kind.INVALID,
                "%d files were not uploaded, such as: %s; upload them and try again"
                        .formatted(missing.size(), named));
    }

    /// @param wanted names; null asks for none in particular
    /// @throws Refusal naming secrets that do not exist
    void secrets(Caller caller, String environment, @Nullable List<String> wanted) {
        if (wanted == null || wanted.isEmpty()) {
            return;
        }
        Set<String> known = new HashSet<>();
        secrets.list(caller.account(), environment).forEach(secret -> known.add(secret.name()));
        Set<String> missing = new TreeSet<>(wanted);
        missing.removeAll(known);
        if (!missing.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "secrets %s are not set in environment '%s'; set them first"
                            .formatted(missing, environment));
        }
    }
}
