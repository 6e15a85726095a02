package mews.pki;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import mews.base.Hashes;
import org.bouncycastle.operator.OperatorCreationException;

/// A certificate authority of one state folder: what it signs is trusted by whoever trusts it, and
/// by nobody else. Its key never leaves the folder.
public final class LocalAuthority {
    private static final Duration YEARS = Duration.ofDays(3650);

    /// Clients refuse certificates of servers that last longer.
    private static final Duration OF_SERVER = Duration.ofDays(397);

    private static final Duration RENEWAL = Duration.ofDays(30);

    private final Path folder;
    private final InstantSource clock;
    private final PrivateKey key;
    private final X509Certificate certificate;

    private LocalAuthority(
            Path folder, InstantSource clock, PrivateKey key, X509Certificate certificate) {
        this.folder = folder;
        this.clock = clock;
        this.key = key;
        this.certificate = certificate;
    }

    /// The one of the folder, made if there is none.
    ///
    /// @param folder `Home.authority()`
    public static LocalAuthority open(Path folder, InstantSource clock) throws IOException {
        Optional<LocalAuthority> known = find(folder, clock);
        return known.isPresent() ? known.get() : create(folder, clock);
    }

    public static Optional<LocalAuthority> find(Path folder, InstantSource clock)
            throws IOException {
        if (!Files.exists(keyFile(folder)) || !Files.exists(certificateFile(folder))) {
            return Optional.empty();
        }
        return Optional.of(
                new LocalAuthority(
                        folder,
                        clock,
                        Pem.key(keyFile(folder)),
                        Pem.certificates(certificateFile(folder)).getFirst()));
    }

    /// A new one in place of whatever is there.
    public static LocalAuthority create(Path folder, InstantSource clock) throws IOException {
        Files.createDirectories(folder);
        // Others need the certificate, so they may pass; the files say who may read them.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Instant now = clock.instant();
        try {
            KeyPair pair = pair();
            String id = Hashes.sha256Hex(pair.getPublic().getEncoded()).substring(0, 8);
            X509Certificate certificate =
                    Certificates.authority(
                            "Mews local CA " + id, pair, before(now), now.plus(YEARS));
            Pem.write(keyFile(folder), Pem.text(pair.getPrivate()), "rw-------");
            Pem.write(certificateFile(folder), Pem.text(List.of(certificate)), "rw-r--r--");
            return new LocalAuthority(folder, clock, pair.getPrivate(), certificate);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("cannot make a certificate authority in " + folder, e);
        }
    }

    /// Where its certificate is, in PEM.
    public static Path certificateFile(Path folder) {
        return folder.resolve("ca.pem");
    }

    public Path certificateFile() {
        return certificateFile(folder);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /// A certificate for a server: the one in the folder as long as it is for all these names, of
    /// this authority and far from its end; otherwise a new one.
    ///
    /// @param asked host names and address literals
    public Identity identity(Set<String> asked) throws IOException {
        Set<String> names =
                asked.stream()
                        .map(Certificates::plain)
                        .collect(Collectors.toCollection(TreeSet::new));
        Path leafKey = folder.resolve("server.key");
        Path leaf = folder.resolve("server.pem");
        if (Files.exists(leafKey) && Files.exists(leaf)) {
            Identity known = Identity.read(leaf, leafKey);
            boolean ours =
                    known.leaf()
                            .getIssuerX500Principal()
                            .equals(certificate.getSubjectX500Principal());
            boolean lasts = known.ends().isAfter(clock.instant().plus(RENEWAL));
            if (ours && lasts && known.names().containsAll(names)) {
                return known;
            }
        }
        Identity made = issue(names);
        Pem.write(leafKey, Pem.text(made.key()), "rw-------");
        Pem.write(leaf, Pem.text(made.chain()), "rw-r--r--");
        return made;
    }

    private Identity issue(Set<String> names) throws IOException {
        Instant now = clock.instant();
        try {
            KeyPair pair = pair();
            X509Certificate leaf =
                    Certificates.server(
                            names,
                            pair.getPublic(),
                            before(now),
                            now.plus(OF_SERVER),
                            new Certificates.Issuer(key, certificate));
            return new Identity(pair.getPrivate(), List.of(leaf));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("cannot make a certificate for " + names, e);
        }
    }

    private static KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /// Clocks of other machines may be behind.
    private static Instant before(Instant now) {
        return now.minus(Duration.ofDays(1));
    }

    private static Path keyFile(Path folder) {
        return folder.resolve("ca.key");
    }
}
