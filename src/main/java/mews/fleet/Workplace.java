package mews.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import mews.base.Folders;
import mews.base.Home;
import mews.host.IdRanges;
import mews.model.AppFile;
import mews.model.DataMounts;
import mews.sandbox.SandboxSpec;
import mews.storage.Blobs;

/// The folders of one runner: its sockets, `/app`, home and `/tmp`, and the account's `/data`.
///
/// A sandbox may write into most of them, so nothing here follows a link that it could have made.
///
/// @param sockets of this runner, on this host
/// @param endpoint where this server reaches the app: a name for the app's socket that the sandbox
///   cannot change
/// @param work holds `app`, `home` and `tmp`
/// @param data the account's
/// @param apart whether the sandbox sees these folders under names of its own
record Workplace(Path sockets, Path endpoint, Path work, Path data, boolean apart) {
    /// Below the folder of sockets.
    static final String NESTS = "n";

    private static final String APP_SOCKET = "app.sock";

    /// Names the folders of a runner; makes none.
    static Workplace of(Home home, UUID runner, String account, boolean apart) {
        // The end of a UUIDv7 is random; its beginning is the same for all runners of one moment.
        String name = runner.toString().substring(24);
        return new Workplace(
                home.sockets().resolve("r").resolve(name),
                home.sockets().resolve("e").resolve(name),
                home.runners().resolve(runner.toString()),
                home.data(account),
                apart);
    }

    /// The same for a fork, in folders that its parent sees.
    static Workplace nested(Home home, UUID runner, Path work, Path sockets, Path data) {
        String name = runner.toString().substring(24);
        return new Workplace(
                sockets.resolve(name),
                home.sockets().resolve("e").resolve(name),
                work.resolve(name),
                data,
                true);
    }

    /// Makes the folders and lays out the app's files. protocol: control 4.5
    ///
    /// @throws IOException naming the file that is not in `blobs`
    void make(List<AppFile> files, Blobs blobs) throws IOException {
        for (Path folder : List.of(sockets, endpoint, work, data)) {
            Path above = folder.resolveSibling("");
            if (!Files.isDirectory(above)) {
                make(above, "rwx------");
            }
        }
        // The sandbox is given these, and passes through before it becomes their owner.
        for (Path folder : List.of(sockets, data, of("app"), of("home"), of("tmp"))) {
            make(folder, "rwx--x--x");
        }
        for (AppFile file : files) {
            layOut(file, blobs);
        }
    }

    /// Makes the folders of a runner that has the files of an image. protocol: control 4.5, which
    /// gives it no `/app`
    void makeForImage() throws IOException {
        for (Path folder : List.of(sockets, endpoint, work, data)) {
            make(folder.resolveSibling(""), "rwx------");
        }
        for (Path folder : List.of(sockets, data, changes())) {
            make(folder, "rwx--x--x");
        }
    }

    /// Removes what earlier lives of this server left behind.
    static void sweep(Home home) throws IOException {
        IdRanges.delete(home.runners());
        Folders.delete(home.sockets().resolve("r"));
        Folders.delete(home.sockets().resolve("e"));
        Folders.delete(home.sockets().resolve(NESTS));
    }

    Path socket(String name) {
        return sockets.resolve(name);
    }

    /// Takes the app's socket under its safe name, once the app listens.
    ///
    /// @throws IOException if the app put something other than a socket there
    void claimEndpoint() throws IOException {
        claim(socket(APP_SOCKET), endpoint);
    }

    /// @param endpoint the safe name for the offered socket, in a folder of this server's own
    static void claim(Path offered, Path endpoint) throws IOException {
        // A hard link never follows a symbolic one, and nobody else can change it afterwards: an
        // app must not be able to point this server at another socket of the host.
        Files.createLink(endpoint, offered);
        if (Files.isSymbolicLink(endpoint)
                || Files.isRegularFile(endpoint, LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(endpoint, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(endpoint);
            throw new IOException(
                    "the runner's %s is not a socket".formatted(offered.getFileName()));
        }
    }

    String insideSockets() {
        return apart ? "/run/mews" : sockets.toString();
    }

    String insideApp() {
        return apart ? "/app" : of("app").toString();
    }

    String insideHome() {
        return apart ? "/home/app" : of("home").toString();
    }

    String insideTemporary() {
        return apart ? "/tmp" : of("tmp").toString();
    }

    String insideData() {
        return apart ? "/data" : data.toString();
    }

    List<SandboxSpec.Bind> binds(DataMounts mounts) {
        List<SandboxSpec.Bind> binds = new ArrayList<>();
        binds.add(new SandboxSpec.Bind(of("tmp"), insideTemporary(), true));
        binds.add(new SandboxSpec.Bind(of("home"), insideHome(), true));
        binds.add(new SandboxSpec.Bind(of("app"), insideApp(), true));
        binds.addAll(bindData(mounts));
        binds.add(bindSockets());
        return binds;
    }

    /// What it changes in the files of an image.
    Path changes() {
        return of("root");
    }

    List<SandboxSpec.Bind> bindData(DataMounts mounts) {
        if (mounts.parts().isEmpty()) {
            return List.of(new SandboxSpec.Bind(data, insideData(), true));
        }
        return mounts.parts().stream()
                .map(part -> SandboxSpec.Bind.part(data, part, insideData() + "/" + part))
                .toList();
    }

    SandboxSpec.Bind bindSockets() {
        return new SandboxSpec.Bind(sockets, insideSockets(), true);
    }

    void remove() throws IOException {
        Files.deleteIfExists(endpoint);
        Folders.delete(sockets);
        IdRanges.delete(work);
    }

    private void layOut(AppFile file, Blobs blobs) throws IOException {
        Path app = of("app");
        Path target = app.resolve(file.relativePath()).normalize();
        if (!target.startsWith(app) || target.equals(app)) {
            throw new IOException(
                    "app file '%s' leads out of its folder".formatted(file.relativePath()));
        }
        Path content =
                blobs.find(file.hash())
                        .orElseThrow(() ->
                                new IOException(
                                        "app file '%s' is not on this server; deploy again"
                                                .formatted(file.relativePath())));
        Files.createDirectories(target.resolveSibling(""));
        Files.copy(content, target, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private Path of(String folder) {
        return work.resolve(folder);
    }

    private static void make(Path folder, String permissions) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }
}
