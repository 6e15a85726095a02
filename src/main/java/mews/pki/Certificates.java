package mews.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// What the two kinds of certificates say that strict clients look for.
final class Certificates {
    private static final int SERIAL_BITS = 128;

    record Issuer(PrivateKey key, X509Certificate certificate) {}

    private Certificates() {}

    static X509Certificate authority(String name, KeyPair pair, Instant from, Instant until)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        X500Name subject = new X500Name("CN=" + name);
        var builder =
                new JcaX509v3CertificateBuilder(
                        subject,
                        serial(),
                        Date.from(from),
                        Date.from(until),
                        subject,
                        pair.getPublic());
        // No further authorities below it.
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        return signed(builder, pair.getPrivate());
    }

    /// @param names as `plain` gives them
    static X509Certificate server(
            Set<String> names, PublicKey key, Instant from, Instant until, Issuer issuer)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        var builder =
                new JcaX509v3CertificateBuilder(
                        issuer.certificate(),
                        serial(),
                        Date.from(from),
                        Date.from(until),
                        new X500Name("CN=Mews server"),
                        key);
        var identifiers = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                identifiers.createAuthorityKeyIdentifier(issuer.certificate()));
        builder.addExtension(
                Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(
                        names.stream().map(Certificates::name).toArray(GeneralName[]::new)));
        return signed(builder, issuer.key());
    }

    /// As a certificate says it when it is read.
    static String plain(String name) {
        try {
            return InetAddress.ofLiteral(name).getHostAddress();
        } catch (IllegalArgumentException e) {
            return name.toLowerCase(Locale.ROOT);
        }
    }

    private static GeneralName name(String text) {
        boolean literal = text.contains(":") || text.matches("[0-9.]+");
        return new GeneralName(literal ? GeneralName.iPAddress : GeneralName.dNSName, text);
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }

    private static BigInteger serial() {
        return new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(0);
    }
}
