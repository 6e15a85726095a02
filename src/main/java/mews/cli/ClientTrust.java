package mews.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import mews.base.Env;
import mews.base.Home;
import mews.pki.LocalAuthority;
import mews.pki.Trust;
import org.jspecify.annotations.Nullable;

/// Whom commands trust: the JDK's roots, the authority of the state folder, and what
/// `SSL_CERT_FILE` names.
final class ClientTrust {
    private ClientTrust() {}

    static SSLSocketFactory sockets() throws IOException {
        List<Path> more = new ArrayList<>();
        more.add(LocalAuthority.certificateFile(Home.ofEnvironment().authority()));
        Path given = given();
        if (given != null) {
            more.add(given);
        }
        return Trust.sockets(more);
    }

    /// What the user's shell has clients trust, or null.
    static @Nullable Path given() {
        String file = Env.get("SSL_CERT_FILE");
        return file == null ? null : Path.of(file);
    }
}
