package mews.sandbox;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import mews.base.Folders;
import mews.base.Home;
import mews.sandbox.SandboxFixture.Outcome;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import mews.sandbox.SandboxSpec.Root;
import mews.sandbox.SandboxSpec.User;
import mews.testing.ImageFolder;
import mews.testing.TestImages;

/// Runs something on the files of an image to its end.
///
/// @param files the image's
/// @param data shown as `/data`
record ImageFixture(Path root, Path files, Path data, Sandboxes sandboxes) {
    static final User APP = new User(1000, 1000, List.of(2000));

    /// With a Python, and a few traps among its files.
    static ImageFixture open(Path root) throws IOException {
        Home home = new Home(root.resolve("home"), root.resolve("run"));
        Files.createDirectories(home.root());
        Files.writeString(home.sealKey(), "the server's key");
        Path files = ImageFolder.unpack(TestImages.python(), root.resolve("image"));
        Files.writeString(files.resolve("etc/hosts"), "10.9.8.7 somebody\n");
        Files.createSymbolicLink(files.resolve("etc/resolv.conf"), Path.of("/run/nowhere"));
        Files.createSymbolicLink(files.resolve("data"), Path.of("/etc"));
        Files.writeString(files.resolve("root/secret"), "of the image's root");
        files.resolve("root/secret").toFile().setReadable(false, false);
        files.resolve("root/secret").toFile().setReadable(true, true);
        Path data = Files.createDirectories(root.resolve("data"));
        return new ImageFixture(root, files, data, Sandboxes.open(home, List.of()));
    }

    SandboxFixture host() {
        return new SandboxFixture(sandboxes.sandbox(), data);
    }

    Outcome shell(User user, String script) throws IOException {
        return run(spec(user, Network.NONE, Limits.NONE, List.of("/bin/sh", "-c", script)));
    }

    Outcome python(User user, Network network, String script) throws IOException {
        return run(spec(user, network, Limits.NONE, List.of("/usr/bin/python3", "-c", script)));
    }

    Outcome run(SandboxSpec spec) throws IOException {
        Outcome seen = host().finish(spec);
        Folders.delete(Objects.requireNonNull(spec.root()).changes());
        return seen;
    }

    SandboxSpec spec(User user, Network network, Limits limits, List<String> command)
            throws IOException {
        return spec(files, user, network, limits, command);
    }

    SandboxSpec spec(Path image, User user, Network network, Limits limits, List<String> command)
            throws IOException {
        return new SandboxSpec(
                "probe",
                command,
                Map.of("PATH", "/usr/bin:/bin", "TOKEN", "tell-nobody"),
                "/",
                List.of(new Bind(data, "/data", true)),
                network,
                limits,
                "somebody",
                Map.of(),
                SandboxSpec.Reach.NOTHING_MORE,
                new Root(image, Files.createTempDirectory(root, "changes"), user, false, false));
    }

    SandboxSpec readOnly(User user, String script) throws IOException {
        SandboxSpec spec = spec(user, Network.NONE, Limits.NONE, List.of("/bin/sh", "-c", script));
        Root usual = Objects.requireNonNull(spec.root());
        return new SandboxSpec(
                spec.name(),
                spec.command(),
                spec.environment(),
                spec.workdir(),
                spec.binds(),
                spec.network(),
                spec.limits(),
                spec.owner(),
                spec.hosts(),
                spec.reach(),
                new Root(usual.files(), usual.changes(), user, false, true));
    }

    static String firstLine(SandboxProcess process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.stdout(), StandardCharsets.UTF_8))
                .readLine();
    }
}
