package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import mews.host.EnvironmentLayout;

/// Fetches archives and repositories as the build of a layer would, and installs nothing.
public final class Fetcher {
    /// Where a build of an account works.
    interface Benches {
        Bench of(String account) throws IOException;
    }

    /// Something to fetch.
    ///
    /// @param into empty folder
    /// @param below folder of a repository that is wanted of it; empty: all
    public record Wanted(SourceUrl url, Path into, String below) {}

    private final Installer installer;
    private final ConfidentialArchives archives;
    private final PackageCache cache;
    private final EnvironmentLayout layout;
    private final Benches benches;

    Fetcher(
            Installer installer,
            ConfidentialArchives archives,
            PackageCache cache,
            EnvironmentLayout layout,
            Benches benches) {
        this.installer = installer;
        this.archives = archives;
        this.cache = cache;
        this.layout = layout;
        this.benches = benches;
    }

    /// @param filled whose servers may be reached
    /// @return the file that each is now
    public Map<SourceUrl, Path> fetch(
            String account, RequirementLayer filled, List<Wanted> wanted, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        String minor = layout.anyInterpreter().minor();
        Map<SourceUrl, Path> places = new LinkedHashMap<>();
        try (Holds.Hold hold = cache.hold()) {
            cache.open(account, hold);
            Bench bench = benches.of(account).reaching(installer.reach(filled, minor, lines));
            try {
                Files.createDirectory(bench.draft().resolve("tmp"));
                List<SourceUrl> archived =
                        wanted.stream().map(Wanted::url).filter(url -> !url.isGit()).toList();
                Map<SourceUrl, Path> fetched = archives.fetch(bench, minor, archived, lines);
                for (Wanted each : wanted) {
                    Path file = fetched.get(each.url());
                    if (file == null) {
                        file = new GitCheckout(installer, bench, minor).archive(each, lines);
                    }
                    Path to = each.into().resolve(String.valueOf(file.getFileName()));
                    places.put(each.url(), Files.copy(file, to));
                }
            } finally {
                bench.delete();
            }
        }
        return places;
    }
}
