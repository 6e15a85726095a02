package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import mews.base.Hashes;
import mews.model.Refusal;

/// A folder of archives from the developer's machine: an uploaded page with a link to each, which
/// is uploaded too. Builds have no way to this server, so that they get a folder again.
///
/// @param name of the page, without its ending, as a file name
/// @param files behind the links
/// @param lost links whose file is no upload, or expired
public record UploadedLinks(String name, List<Uploaded.File> files, List<String> lost) {
    private static final String FLAG = RequirementLayer.LINKS + " ";
    private static final long LARGEST_PAGE = 16L << 20;
    private static final Pattern LINK = Pattern.compile("<a href=\"([^\"#]+)[^\"]*\">");

    public UploadedLinks {
        files = List.copyOf(files);
        lost = List.copyOf(lost);
    }

    /// @param option of a layer
    /// @return empty if it names no uploaded page
    public static Optional<UploadedLinks> of(String option, Uploaded uploaded) {
        return option.startsWith(FLAG)
                ? uploaded.find(option.substring(FLAG.length())).map(page -> read(page, uploaded))
                : Optional.empty();
    }

    private static UploadedLinks read(Uploaded.File page, Uploaded uploaded) {
        List<Uploaded.File> files = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        String text = text(page);
        LINK.matcher(text)
                .results()
                .map(link -> link.group(1).replace("&amp;", "&"))
                .forEach(
                        url -> uploaded.find(url).ifPresentOrElse(files::add, () -> lost.add(url)));
        return new UploadedLinks(
                page.name().replaceAll("\\.html$", "").replaceAll("[^A-Za-z0-9_-]", "_"),
                files,
                lost);
    }

    private static String text(Uploaded.File page) {
        try {
            return Files.size(page.path()) > LARGEST_PAGE ? "" : Files.readString(page.path());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the uploaded page " + page.name(), e);
        }
    }

    /// The same for the same archives, wherever they were uploaded to.
    String identity() {
        return FLAG + "sha256:" + hash();
    }

    /// A name for the folder, the same for the same archives.
    public String shelf() {
        return hash().substring(0, 12) + "/" + name;
    }

    /// Puts the archives into a new folder.
    ///
    /// @throws Refusal if there are none, or not all are at hand
    public void lay(Path folder) throws IOException {
        if (!lost.isEmpty()) {
            throw refused(
                    "%d of the archives that it links to are no uploads, or were uploaded too long ago; deploy again, which sends them"
                            .formatted(lost.size()));
        }
        if (files.isEmpty()) {
            throw refused("it has no links to archives; name a folder and let 'mews' send it");
        }
        Files.createDirectories(folder);
        for (Uploaded.File file : files) {
            Files.copy(
                    file.path(), folder.resolve(file.name()), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Refusal refused(String reason) {
        return new Refusal(
                Refusal.Kind.FAILED_PRECONDITION,
                "--find-links: the uploaded page '%s' cannot be used: %s".formatted(name, reason));
    }

    private String hash() {
        return Hashes.sha256Hex(
                files.stream()
                                .map(file -> file.contentHash() + " " + file.name())
                                .sorted()
                                .collect(Collectors.joining("\n"))
                        + lost);
    }
}
