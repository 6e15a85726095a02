package mews.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import mews.base.Hashes;
import mews.model.Refusal;

/// Files that travel with apps: kept among the blobs under the hash that the client computed, once
/// it is verified, with the permission bits of their mode. protocol: control 4.5
public final class AppFiles {
    private final Blobs blobs;
    private final Parts parts;

    public AppFiles(Blobs blobs, Parts parts) {
        this.blobs = blobs;
        this.parts = parts;
    }

    /// @return the id under which `parts` takes the file
    /// @throws Refusal if the file is here already
    public String begin(String hash) throws IOException {
        if (blobs.find(hash).isPresent()) {
            throw new Refusal(Refusal.Kind.ALREADY_EXISTS, "file %s is here".formatted(hash));
        }
        return parts.begin();
    }

    /// Puts the parts together and keeps the file, if content and mode have the hash.
    ///
    /// @param mode decimal `st_mode`, file-type bits included, such as `33188`
    /// @param numbers empty: all parts that arrived
    /// @throws Refusal if they have another hash
    public void complete(String hash, String mode, String upload, List<Integer> numbers)
            throws IOException {
        Path file = parts.assemble(upload, numbers);
        try {
            String found = hash(file, mode);
            if (!found.equals(hash)) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "file was announced as %s, but content and mode %s have hash %s; it changed during the upload, so deploy again"
                                .formatted(hash, mode, found));
            }
            Files.setPosixFilePermissions(file, permissions(mode));
            blobs.putAs(hash, file);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /// SHA-256 hex over the content, then the decimal text of the mode.
    public static String hash(Path file, String mode) throws IOException {
        MessageDigest digest = Hashes.sha256();
        try (InputStream content = new DigestInputStream(Files.newInputStream(file), digest)) {
            content.transferTo(java.io.OutputStream.nullOutputStream());
        }
        digest.update(mode.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static Set<PosixFilePermission> permissions(String mode) {
        int bits;
        try {
            bits = Integer.parseInt(mode);
        } catch (NumberFormatException e) {
            throw new Refusal(
                    Refusal.Kind.INVALID, "mode '%s' is not a decimal st_mode".formatted(mode));
        }
        PosixFilePermission[] names = {
            PosixFilePermission.OTHERS_EXECUTE,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_READ
        };
        Set<PosixFilePermission> may = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < names.length; i++) {
            if ((bits & (1 << i)) != 0) {
                may.add(names[i]);
            }
        }
        return may;
    }
}
