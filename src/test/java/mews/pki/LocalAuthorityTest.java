package mews.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAuthorityTest {
    private static final Set<String> NAMES = Set.of("127.0.0.1", "::1", "api.mews.test");

    private final Instant start = Instant.now();
    @TempDir Path folder;

    @Test
    void keysAreReadableByTheirOwnerOnly() throws IOException {
        LocalAuthority.open(folder, InstantSource.system()).identity(NAMES);

        for (String key : new String[] {"ca.key", "server.key"}) {
            assertThat(Files.getPosixFilePermissions(folder.resolve(key)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
        assertThat(Files.readString(folder.resolve("ca.pem"))).doesNotContain("PRIVATE");
    }

    @Test
    void certificatesAreSignedByTheAuthorityForAllNames() throws Exception {
        var authority = LocalAuthority.open(folder, InstantSource.system());

        Identity identity = authority.identity(NAMES);

        identity.leaf().verify(authority.certificate().getPublicKey());
        assertThat(identity.names())
                .containsExactlyInAnyOrder("127.0.0.1", "0:0:0:0:0:0:0:1", "api.mews.test");
        assertThat(authority.certificate().getBasicConstraints()).isZero();
        assertThat(identity.leaf().getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void staysTheSameUntilANameIsAddedItsEndComesOrTheAuthorityChanges() throws IOException {
        Identity first = LocalAuthority.open(folder, () -> start).identity(NAMES);

        assertThat(LocalAuthority.open(folder, () -> start).identity(NAMES).chain())
                .isEqualTo(first.chain());
        Identity more =
                LocalAuthority.open(folder, () -> start).identity(Set.of("127.0.0.1", "other"));
        assertThat(more.names()).contains("other");
        Instant later = start.plus(Duration.ofDays(370));
        Identity renewed = LocalAuthority.open(folder, () -> later).identity(Set.of("other"));
        assertThat(renewed.ends()).isAfter(more.ends());
        LocalAuthority anew = LocalAuthority.create(folder, () -> start);
        assertThat(anew.identity(Set.of("other")).chain()).isNotEqualTo(renewed.chain());
    }

    @Test
    void ownFilesMustBelongTogetherAndSayWhatIsWrong() throws IOException {
        Path other = folder.resolve("other");
        LocalAuthority.open(folder, InstantSource.system()).identity(NAMES);
        LocalAuthority.open(other, InstantSource.system()).identity(NAMES);
        Path certificate = folder.resolve("server.pem");

        assertThat(Identity.read(certificate, folder.resolve("server.key")).names())
                .contains("api.mews.test");
        assertThatThrownBy(() -> Identity.read(certificate, other.resolve("server.key")))
                .hasMessageContaining("does not belong");
        assertThatThrownBy(() -> Identity.read(certificate, certificate))
                .hasMessageContaining("no private key");
        assertThat(Identity.read(certificate, folder.resolve("server.key")).toString())
                .doesNotContain("PRIVATE");
    }

    @Test
    void theBundleHoldsTheRootsAndOurs() throws IOException {
        Path roots = Files.writeString(folder.resolve("roots.pem"), "roots\n");
        Path bundle = folder.resolve("bundle.pem");

        Trust.bundle(bundle, roots, "ours\n");
        assertThat(bundle).hasContent("roots\nours\n");

        Trust.bundle(bundle, bundle, "ours\n");
        assertThat(Files.readString(bundle)).contains("BEGIN CERTIFICATE").endsWith("ours\n");
    }
}
