package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.base.Masker;
import mews.build.ConfidentialArchives;
import mews.build.Fetcher;
import mews.build.Installer;
import mews.build.Package;
import mews.build.RequirementLayer;
import mews.build.SourceUrl;
import mews.build.Uploaded;
import mews.build.UrlMask;
import mews.model.Refusal;

/// What an image's requirements name by URL and its steps should not fetch themselves: archives
/// behind signatures and passwords, since the image would show these, and repositories, since the
/// image need not have git. They are fetched beside the build, in the sandbox of managed ones, and
/// taken from disk. Belongs to one build.
final class ImageSources {
    private static final Pattern SUBDIRECTORY = Pattern.compile("(?:^|&)subdirectory=([^&]+)");

    private final Fetcher fetcher;
    private final String account;
    private final Masker masker;
    private final Path files;
    private final String inside;

    /// Where it lies in the step → where it came from, for people.
    private final Map<String, String> origins = new LinkedHashMap<>();

    /// @param masker hides all that is confidential
    /// @param files folder that the steps are shown
    /// @param inside where they see it
    ImageSources(Fetcher fetcher, String account, Masker masker, Path files, String inside) {
        this.fetcher = fetcher;
        this.account = account;
        this.masker = masker;
        this.files = files;
        this.inside = inside;
    }

    /// Fetches what one layer names.
    ///
    /// @param filled the layer with its secrets
    /// @return the layer as its step is told of it
    /// @throws Refusal naming what cannot be had
    RequirementLayer fetch(RequirementLayer filled, Uploaded uploaded, Consumer<String> lines)
            throws IOException, InterruptedException {
        Map<SourceUrl, String> names = new LinkedHashMap<>();
        for (String entry : filled.packages()) {
            Package.parse(entry)
                    .source()
                    .filter(url -> uploaded.find(url.toString()).isEmpty() && isOurs(url))
                    .ifPresent(url -> names.putIfAbsent(url, ""));
        }
        if (names.isEmpty()) {
            return filled;
        }
        try {
            List<Fetcher.Wanted> wanted = new ArrayList<>();
            for (SourceUrl url : names.keySet()) {
                String folder = "fetched-" + (origins.size() + wanted.size());
                wanted.add(
                        new Fetcher.Wanted(
                                url, Files.createDirectory(files.resolve(folder)), below(url)));
            }
            fetcher.fetch(account, filled, wanted, line -> lines.accept(told(line)))
                    .forEach((url, file) -> names.put(url, placed(url, file)));
        } catch (Installer.Failed e) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "requirements cannot be installed into the image: " + told(e.explanation()));
        }
        return filled.map(entry -> {
            Package each = Package.parse(entry);
            return each.source()
                    .flatMap(url -> Optional.ofNullable(names.get(url)))
                    .flatMap(SourceUrl::parse)
                    .map(each::withSource)
                    .map(Package::toString)
                    .orElse(entry);
        });
    }

    /// What people may see of something that was said.
    String told(String said) {
        String told = said;
        for (Map.Entry<String, String> origin : origins.entrySet()) {
            told =
                    told.replace("file://" + origin.getKey(), origin.getValue())
                            .replace(origin.getKey(), origin.getValue());
        }
        return UrlMask.forPeople(masker.mask(told));
    }

    private boolean isOurs(SourceUrl url) {
        boolean secretPath = !masker.mask(url.path()).equals(url.path());
        return url.isGit()
                ? !url.scheme().endsWith("ssh")
                : ConfidentialArchives.isConfidential(url, secretPath);
    }

    private String placed(SourceUrl url, Path file) {
        String place = inside + "/" + files.relativize(file);
        origins.put(place, UrlMask.forPeople(masker.mask(url.withFragment("").toString())));
        return "file://" + place;
    }

    /// Folder of a repository that holds the package; empty for the repository itself.
    private static String below(SourceUrl url) {
        Matcher subdirectory = SUBDIRECTORY.matcher(url.fragment());
        if (!subdirectory.find()) {
            return "";
        }
        Path folder = Path.of("/", SourceUrl.decoded(subdirectory.group(1))).normalize();
        return folder.toString().substring(1);
    }
}
