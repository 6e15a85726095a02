package mews.pki;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/// Certificates and keys as files of text.
final class Pem {
    private Pem() {}

    static List<X509Certificate> certificates(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty()) {
                throw new IOException(file + " holds no certificate");
            }
            return found;
        } catch (CertificateException e) {
            throw new IOException(file + " holds no certificates in PEM", e);
        }
    }

    /// The first private key of a file: PKCS#8 or the older forms of RSA and EC.
    static PrivateKey key(Path file) throws IOException {
        try (var parser = new PEMParser(Files.newBufferedReader(file))) {
            var convert = new JcaPEMKeyConverter();
            for (Object each = parser.readObject(); each != null; each = parser.readObject()) {
                switch (each) {
                    case PrivateKeyInfo info -> {
                        return convert.getPrivateKey(info);
                    }
                    case PEMKeyPair pair -> {
                        return convert.getKeyPair(pair).getPrivate();
                    }
                    case PKCS8EncryptedPrivateKeyInfo _, PEMEncryptedKeyPair _ ->
                            throw new IOException(
                                    file + " is encrypted; Mews needs the key without a password");
                    default -> {
                        // Such as the parameters that stand before a key of EC.
                    }
                }
            }
        }
        throw new IOException(file + " holds no private key in PEM");
    }

    static String text(List<X509Certificate> certificates) throws IOException {
        StringWriter text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            for (X509Certificate certificate : certificates) {
                writer.writeObject(certificate);
            }
        }
        return text.toString();
    }

    static String text(PrivateKey key) throws IOException {
        StringWriter text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(new JcaPKCS8Generator(key, null));
        }
        return text.toString();
    }

    /// Whole or not at all, and never readable by others before it has these rights.
    ///
    /// @param rights such as `rw-------`
    static void write(Path file, String text, String rights) throws IOException {
        Path draft =
                Files.createTempFile(
                        file.getParent(),
                        ".pem",
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, text);
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString(rights));
        Files.move(
                draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
