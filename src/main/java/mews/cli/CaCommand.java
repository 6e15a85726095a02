package mews.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import mews.base.Hashes;
import mews.base.Home;
import mews.pki.LocalAuthority;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The authority that signs the certificates of this state folder's server.
@Command(subcommands = {CaCommand.Create.class, CaCommand.Show.class, CaCommand.Install.class})
final class CaCommand {
    private static LocalAuthority known() throws IOException {
        Path folder = Home.ofEnvironment().authority();
        return LocalAuthority.find(folder, Clock.systemUTC())
                .orElseThrow(() ->
                        Failure.failed(
                                "there is no certificate authority in %s; 'mews serve' makes one when it starts, 'mews ca create' makes it now",
                                folder));
    }

    @Command(
            name = "create",
            description =
                    "Makes the authority; a running server shows its certificate once it is started anew.")
    static final class Create implements Callable<Integer> {
        @Option(
                names = "--force",
                description = "Replace the one that is there: clients must trust the new one then.")
        boolean force;

        @Override
        public Integer call() throws IOException {
            Path folder = Home.ofEnvironment().authority();
            if (!force && LocalAuthority.find(folder, Clock.systemUTC()).isPresent()) {
                throw Failure.failed(
                        "%s holds a certificate authority; see 'mews ca show', or replace it with --force",
                        folder);
            }
            LocalAuthority made = LocalAuthority.create(folder, Clock.systemUTC());
            Terminal.ofProcess().result(made.certificateFile().toString());
            return 0;
        }
    }

    @Command(name = "show", description = "Prints the authority's certificate, in PEM.")
    static final class Show implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            LocalAuthority authority = known();
            Terminal terminal = Terminal.ofProcess();
            terminal.result(Files.readString(authority.certificateFile()).stripTrailing());
            terminal.say(
                    "%s, SHA-256 %s, until %s, in %s"
                            .formatted(
                                    authority
                                            .certificate()
                                            .getSubjectX500Principal()
                                            .getName()
                                            .replace("CN=", ""),
                                    fingerprint(authority),
                                    authority.certificate().getNotAfter().toInstant(),
                                    authority.certificateFile()));
            return 0;
        }

        private static String fingerprint(LocalAuthority authority) throws IOException {
            try {
                return HexFormat.of()
                        .formatHex(Hashes.sha256().digest(authority.certificate().getEncoded()));
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        }
    }

    @Command(
            name = "install",
            description = "Tells how to make this machine trust the authority; changes nothing.")
    static final class Install implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            Path file = known().certificateFile();
            Terminal.ofProcess().result(hint(file, null));
            return 0;
        }

        static String hint(Path file, @Nullable String name) {
            String to = name == null ? "mews-local-ca" : name;
            return """
            # In one shell, for fal's command line and SDK, curl, pip and Node:
            eval "$(mews env)"
            # For every program that asks the system. Debian, Ubuntu, Alpine:
            sudo cp '%1$s' /usr/local/share/ca-certificates/%2$s.crt && sudo update-ca-certificates
            # Fedora, Red Hat:
            sudo cp '%1$s' /etc/pki/ca-trust/source/anchors/%2$s.pem && sudo update-ca-trust
            # Arch:
            sudo trust anchor '%1$s'
            # macOS:
            sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain '%1$s'
            # Firefox keeps its own list: Settings, Certificates, Authorities, Import.\
            """
                    .formatted(file, to);
        }
    }
}
