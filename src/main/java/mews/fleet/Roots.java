package mews.fleet;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.sandbox.SandboxSpec.Bind;

/// What the code of a runner trusts when it calls by TLS: the roots of this host and the authority
/// of this server, in one file, because most clients take one file only. Without it fal's own
/// clients could not call another app from inside, for they know no other scheme than https.
final class Roots {
    static final String INSIDE = "/run/mews-roots.pem";

    /// Of OpenSSL (and so of Python, curl and others), of `requests`, of gRPC, and of Node, which
    /// adds to what it knows.
    static final Set<String> VARIABLES =
            Set.of(
                    "SSL_CERT_FILE",
                    "REQUESTS_CA_BUNDLE",
                    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                    "NODE_EXTRA_CA_CERTS");

    private Roots() {}

    static Stream<Bind> bind(Ground ground) {
        Path roots = ground.roots();
        if (roots == null) {
            return Stream.empty();
        }
        String inside = inside(ground, roots);
        return Stream.of(new Bind(roots, inside, false));
    }

    static Map<String, String> variables(Ground ground) {
        Path roots = ground.roots();
        return roots == null ? Map.of() : variables(inside(ground, roots));
    }

    private static Map<String, String> variables(String file) {
        return VARIABLES.stream().collect(Collectors.toMap(name -> name, name -> file));
    }

    private static String inside(Ground ground, Path roots) {
        return ground.sandbox().separateFiles() ? INSIDE : roots.toString();
    }
}
