package mews.project;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Hashes;
import mews.model.Refusal;

/// A folder of wheels and source archives on this machine, which `--find-links` names.
///
/// @param place absolute
/// @param archives in it, sorted; folders below it do not count, as for pip
record LinkFolder(Path place, List<Path> archives) {
    private static final Pattern ARCHIVE =
            Pattern.compile(".+-.+\\.(whl|zip|tgz|tar\\.(gz|bz2|xz))");

    LinkFolder {
        archives = List.copyOf(archives);
    }

    /// @param written a path, or a URL that begins with `file:`; one archive is a folder of one
    /// @param base what a relative path is relative to
    /// @throws Refusal if nothing in it could be installed
    static LinkFolder of(String written, Path base) {
        Path place = path(written, base);
        if (!Files.exists(place)) {
            throw refused(
                    written,
                    "there is nothing at %s; a relative folder is one below %s"
                            .formatted(place, base));
        }
        if (!Files.isDirectory(place)) {
            if (isArchive(place)) {
                return new LinkFolder(place, List.of(place));
            }
            throw refused(
                    written,
                    "%s is neither a folder nor a wheel or source archive; name the folder that has them"
                            .formatted(place));
        }
        try (Stream<Path> inside = Files.list(place)) {
            List<Path> archives = inside.filter(LinkFolder::isArchive).sorted().toList();
            if (archives.isEmpty()) {
                throw refused(
                        written,
                        "the folder %s has no wheel (.whl) and no source archive (.tar.gz, .zip); put them directly into it, or leave the flag out"
                                .formatted(place));
            }
            return new LinkFolder(place, archives);
        } catch (IOException | UncheckedIOException e) {
            throw refused(written, "the folder %s cannot be read: %s".formatted(place, e));
        }
    }

    /// Sends every archive, and a page with a link to each. protocol: control 3.7
    ///
    /// @return where the page is
    URI send(Packaging.Uploader uploader) throws IOException {
        StringBuilder page = new StringBuilder("<!DOCTYPE html>\n<html><body>\n");
        for (Path archive : archives) {
            String name = String.valueOf(archive.getFileName());
            URI url = uploader.upload(archive, name);
            page.append(
                    "<a href=\"%s#sha256=%s\">%s</a><br>\n"
                            .formatted(escaped(url.toString()), sha256(archive), escaped(name)));
        }
        Path work = Files.createTempDirectory("mews-links-");
        try {
            String name = (place.getFileName() == null ? "links" : place.getFileName()) + ".html";
            Path file = work.resolve(name);
            Files.writeString(file, page.append("</body></html>\n"));
            return uploader.upload(file, name);
        } finally {
            Folders.delete(work);
        }
    }

    private static boolean isArchive(Path file) {
        return Files.isRegularFile(file)
                && ARCHIVE.matcher(String.valueOf(file.getFileName())).matches();
    }

    private static Path path(String written, Path base) {
        try {
            String text =
                    written.startsWith("file:")
                            ? URLDecoder.decode(
                                    written.replaceFirst("^file:(//(localhost(?=/))?)?", "")
                                            .replace("+", "%2B"),
                                    StandardCharsets.UTF_8)
                            : LocalRequirement.expandUser(written);
            return base.resolve(text).normalize();
        } catch (IllegalArgumentException e) {
            throw refused(written, "that is no path: " + e.getMessage());
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = Hashes.sha256();
        try (InputStream in = Files.newInputStream(file);
                OutputStream out =
                        new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            in.transferTo(out);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static Refusal refused(String written, String reason) {
        return new Refusal(Refusal.Kind.INVALID, "--find-links %s: %s".formatted(written, reason));
    }
}
