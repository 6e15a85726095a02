package mews.project;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/// A source distribution without times, owners and chance order. Environments are known by their
/// content, so that the same project packaged twice must not look like two.
final class StableArchive {
    private static final int EXECUTABLE = 0111;

    private StableArchive() {}

    private record Member(TarArchiveEntry entry, byte[] content) {}

    /// @return `to`
    static Path rewrite(Path from, Path to) throws IOException {
        Map<String, Member> members = read(from);
        GzipParameters header = new GzipParameters();
        header.setModificationTime(0);
        header.setOperatingSystem(255);
        try (OutputStream file = Files.newOutputStream(to);
                GzipCompressorOutputStream gzip = new GzipCompressorOutputStream(file, header);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip, "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            for (Member member : members.values()) {
                tar.putArchiveEntry(plain(member));
                tar.write(member.content());
                tar.closeArchiveEntry();
            }
        }
        return to;
    }

    private static Map<String, Member> read(Path archive) throws IOException {
        Map<String, Member> members = new TreeMap<>();
        try (InputStream file = Files.newInputStream(archive);
                GZIPInputStream gzip = new GZIPInputStream(file);
                TarArchiveInputStream tar = new TarArchiveInputStream(gzip, "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                members.put(entry.getName(), new Member(entry, tar.readAllBytes()));
            }
        }
        return members;
    }

    private static TarArchiveEntry plain(Member member) {
        TarArchiveEntry old = member.entry();
        TarArchiveEntry entry =
                old.isSymbolicLink() || old.isLink()
                        ? new TarArchiveEntry(old.getName(), old.getLinkFlag())
                        : new TarArchiveEntry(old.getName());
        if (old.isSymbolicLink() || old.isLink()) {
            entry.setLinkName(old.getLinkName());
        } else {
            boolean executable = old.isDirectory() || (old.getMode() & EXECUTABLE) != 0;
            entry.setMode(executable ? 0755 : 0644);
            entry.setSize(member.content().length);
        }
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        return entry;
    }
}
