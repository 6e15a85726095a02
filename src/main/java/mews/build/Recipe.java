package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mews.base.Masker;
import mews.storage.Uploads;

/// One layer as uv is told of it: secrets filled in, archives that uv must not know the way to laid
/// on disk, access to git apart. Belongs to one build.
final class Recipe {
    /// Stands in a lock for the folder of the build, which is another one each time.
    private static final String UPLOADS = "file:///mews-build/uploads/";

    private final RequirementLayer filled;
    private final TorchChoice torch;
    private final List<Package> packages;
    private final List<String> options;
    private final GitAccess git = new GitAccess();
    private final Masker masker;

    /// What uv reads → where it came from, without anything confidential.
    private final Map<String, String> origins = new LinkedHashMap<>();

    private final List<String> gone = new ArrayList<>();

    /// @throws Refusal if a secret is missing
    Recipe(RequirementLayer layer, TorchChoice torch, BuildSecrets secrets) {
        this.filled = layer.filled(secrets::fill);
        this.torch = torch;
        this.packages = new ArrayList<>(filled.packages().stream().map(Package::parse).toList());
        this.options = new ArrayList<>(filled.options());
        this.masker = secrets.masker(filled.confidential());
    }

    /// Lays archives on disk: uploads, folders of them, and what is behind signed URLs or
    /// passwords.
    ///
    /// @throws Installer.Failed if one cannot be had
    void gather(
            Uploaded uploaded,
            ConfidentialArchives archives,
            Bench bench,
            String minor,
            Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        Set<SourceUrl> wanted = new LinkedHashSet<>();
        Map<SourceUrl, SourceUrl> laid = new LinkedHashMap<>();
        for (SourceUrl url : packages.stream().flatMap(each -> each.source().stream()).toList()) {
            Optional<Uploaded.File> file = uploaded.find(url.toString());
            if (file.isPresent()) {
                laid.put(url, laid(copy(file.get(), bench), UPLOADS + shelf(file.get())));
            } else if (ConfidentialArchives.isConfidential(url, hasSecretPath(url))) {
                wanted.add(url);
            } else {
                if (url.path().startsWith(Uploads.READ)) {
                    gone.add(url.fileName());
                }
                laid.put(url, git.without(url));
            }
        }
        layFolders(uploaded, bench);
        archives.fetch(bench, minor, List.copyOf(wanted), line -> lines.accept(told(line)))
                .forEach((url, file) -> laid.put(url, laid(file, plain(url))));
        packages.replaceAll(
                each -> each.source().map(laid::get).map(each::withSource).orElse(each));
    }

    /// Flags, as lines of a requirements file.
    ///
    /// @param torch whether to take the build of torch that was chosen
    List<String> options(boolean torch) {
        List<String> all = new ArrayList<>(options);
        if (torch) {
            all.addAll(this.torch.options());
        }
        return all;
    }

    /// Everything that it names, secrets filled in.
    RequirementLayer whole() {
        return torch.over(filled);
    }

    TorchChoice torch() {
        return torch;
    }

    /// Packages, as lines of a requirements file.
    List<String> packages() {
        return packages.stream().map(Package::toString).toList();
    }

    /// Names of what it asks for, as in a lock.
    List<String> asked() {
        return packages.stream().map(each -> Lock.name(each.toString())).toList();
    }

    /// Archives that it names by URL, as written.
    Stream<SourceUrl> archives() {
        return filled.packages().stream()
                .flatMap(entry -> Package.parse(entry).source().stream())
                .filter(SourceUrl::isWeb);
    }

    /// Names of archives that were uploaded to some server, and that this one has not.
    List<String> gone() {
        return List.copyOf(gone);
    }

    /// Indexes that it signs in at.
    Stream<SourceUrl> lockedIndexes() {
        return filled.places().stream().filter(url -> !url.user().isEmpty());
    }

    /// Whether uv would keep something confidential in its cache: it leaves out only what stands
    /// before the host of an index.
    boolean isTraced() {
        return filled.places().stream()
                .anyMatch(url -> hasSecretPath(url) || !url.query().isEmpty());
    }

    /// Whether it says itself what is to be taken as a wheel and what as source.
    boolean choosesForms() {
        return options.stream()
                .anyMatch(option ->
                        option.startsWith("--no-binary") || option.startsWith("--only-binary"));
    }

    GitAccess git() {
        return git;
    }

    /// What people may see of something that was said.
    String told(String said) {
        String told = said;
        for (Map.Entry<String, String> origin : origins.entrySet()) {
            String path = origin.getKey().substring("file://".length());
            told =
                    told.replace(origin.getKey(), origin.getValue())
                            .replace(path, origin.getValue());
        }
        return UrlMask.forPeople(masker.mask(told));
    }

    /// A lock that tells where things came from, not where they lay, and holds nothing
    /// confidential.
    Lock portable(Lock resolved) {
        return resolved.map(entry -> {
            String text = entry;
            for (Map.Entry<String, String> origin : origins.entrySet()) {
                text = text.replace(origin.getKey(), origin.getValue());
            }
            return UrlMask.forKey(masker.mask(text));
        });
    }

    /// The other way around.
    Lock atHand(Lock portable) {
        return portable.map(entry -> {
            String text = entry;
            for (Map.Entry<String, String> origin : origins.entrySet()) {
                text = text.replace(" @ " + origin.getValue(), " @ " + origin.getKey());
            }
            return text;
        });
    }

    private boolean hasSecretPath(SourceUrl url) {
        return !masker.mask(url.path()).equals(url.path());
    }

    private String plain(SourceUrl url) {
        return UrlMask.forKey(masker.mask(url.withFragment("").toString()));
    }

    private SourceUrl laid(Path file, String origin) {
        String url = "file://" + file.toUri().getRawPath();
        origins.put(url, origin);
        return SourceUrl.parse(url).orElseThrow();
    }

    private void layFolders(Uploaded uploaded, Bench bench) throws IOException {
        for (int i = 0; i < options.size(); i++) {
            Optional<UploadedLinks> links = UploadedLinks.of(options.get(i), uploaded);
            if (links.isPresent()) {
                options.set(i, RequirementLayer.LINKS + " " + folder(links.get(), bench));
            }
        }
    }

    /// @return its URL
    private String folder(UploadedLinks links, Bench bench) throws IOException {
        Path folder = bench.draft().resolve("uploads").resolve(links.shelf());
        links.lay(folder);
        String url = "file://" + folder.toUri().getRawPath().replaceFirst("/$", "");
        origins.put(url, UPLOADS + links.shelf());
        return url;
    }

    private static String shelf(Uploaded.File file) {
        return file.contentHash().substring(0, 12) + "/" + file.name();
    }

    /// An uploaded archive is read from disk: builds need no way to this server.
    private static Path copy(Uploaded.File file, Bench bench) throws IOException {
        Path copy = bench.draft().resolve("uploads").resolve(shelf(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file.path(), copy, StandardCopyOption.REPLACE_EXISTING);
        return copy;
    }
}
