package mews.pki;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whom a client trusts: the roots of the system, and more.
public final class Trust {
    /// Where distributions keep the roots of the system, in PEM.
    private static final List<Path> SYSTEM =
            Stream.of(
                            "/etc/ssl/certs/ca-certificates.crt",
                            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                            "/etc/pki/tls/certs/ca-bundle.crt",
                            "/etc/ssl/ca-bundle.pem",
                            "/etc/ssl/cert.pem")
                    .map(Path::of)
                    .toList();

    private Trust() {}

    /// Writes the roots of the system and one more certificate into one file, for clients that take
    /// one file only.
    ///
    /// @param given what the user's shell trusts instead of the system's roots, or null
    /// @param added in PEM
    public static void bundle(Path file, @Nullable Path given, String added) throws IOException {
        String roots = roots(given, file);
        String text = roots + (roots.endsWith("\n") ? "" : "\n") + added;
        if (!Files.exists(file) || !Files.readString(file).equals(text)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Pem.write(file, text, "rw-r--r--");
        }
    }

    private static String roots(@Nullable Path given, Path own) throws IOException {
        if (given != null && Files.isRegularFile(given) && !sameFile(given, own)) {
            return Files.readString(given);
        }
        Optional<Path> system = SYSTEM.stream().filter(Files::isReadable).findFirst();
        return system.isPresent() ? Files.readString(system.get()) : Pem.text(ofJdk());
    }

    private static boolean sameFile(Path one, Path other) throws IOException {
        return Files.exists(other) && Files.isSameFile(one, other);
    }

    /// Sockets that trust the JDK's roots and the certificates of these files, as far as they
    /// exist.
    public static SSLSocketFactory sockets(List<Path> more) throws IOException {
        List<X509Certificate> roots = new ArrayList<>(ofJdk());
        for (Path file : more) {
            if (Files.isRegularFile(file)) {
                roots.addAll(Pem.certificates(file));
            }
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < roots.size(); i++) {
                store.setCertificateEntry("root" + i, roots.get(i));
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(store).getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot trust " + more, e);
        }
    }

    private static List<X509Certificate> ofJdk() throws IOException {
        try {
            return Arrays.stream(managers(null).getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .flatMap(each -> Stream.of(((X509TrustManager) each).getAcceptedIssuers()))
                    .toList();
        } catch (GeneralSecurityException e) {
            throw new IOException("the JDK has no roots", e);
        }
    }

    private static TrustManagerFactory managers(@Nullable KeyStore store)
            throws GeneralSecurityException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }
}
