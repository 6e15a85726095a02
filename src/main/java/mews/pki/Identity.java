package mews.pki;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What a server shows to its callers, and the key that proves it.
///
/// @param chain its own certificate first
public record Identity(PrivateKey key, List<X509Certificate> chain) {
    /// Of files in PEM.
    ///
    /// @throws IOException that says which file cannot be used and why
    public static Identity read(Path certificate, Path key) throws IOException {
        Identity identity = new Identity(Pem.key(key), Pem.certificates(certificate));
        if (!identity.fits()) {
            throw new IOException(
                    "the key in %s does not belong to the certificate in %s"
                            .formatted(key, certificate));
        }
        return identity;
    }

    public Instant ends() {
        return leaf().getNotAfter().toInstant();
    }

    /// Names and addresses that it is for, in lower case.
    public Set<String> names() {
        try {
            Collection<List<?>> names = leaf().getSubjectAlternativeNames();
            return names == null
                    ? Set.of()
                    : names.stream()
                            .map(name -> String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))
                            .collect(Collectors.toCollection(TreeSet::new));
        } catch (CertificateParsingException e) {
            return Set.of();
        }
    }

    /// For the TLS of the JDK and what is built on it.
    ///
    /// @param password of the store and the key in it
    public KeyStore store(char[] password) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, password, chain.toArray(Certificate[]::new));
        return store;
    }

    X509Certificate leaf() {
        return chain.getFirst();
    }

    private boolean fits() throws IOException {
        String way =
                switch (key.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> key.getAlgorithm();
                };
        try {
            byte[] some = leaf().getEncoded();
            Signature signing = Signature.getInstance(way);
            signing.initSign(key);
            signing.update(some);
            byte[] signature = signing.sign();
            Signature checking = Signature.getInstance(way);
            checking.initVerify(leaf().getPublicKey());
            checking.update(some);
            return checking.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /// The key stays out of whatever prints this.
    @Override
    public String toString() {
        return "Identity[names=%s, ends=%s]".formatted(names(), ends());
    }
}
