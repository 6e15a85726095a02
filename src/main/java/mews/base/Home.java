package mews.base;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The state folder of a server and the short-pathed folder for its sockets.
///
/// @param root everything that survives a restart
/// @param sockets Unix sockets; short, since a socket path has at most 107 bytes
public record Home(Path root, Path sockets) {
    /// `MEWS_HOME`, else `/var/lib/mews` as root, else `~/.mews`; sockets beside the user's runtime
    /// folder.
    public static Home ofEnvironment() {
        boolean root = "root".equals(System.getProperty("user.name"));
        @Nullable String given = Env.get("MEWS_HOME");
        Path home =
                given != null
                        ? Path.of(given).toAbsolutePath().normalize()
                        : root
                                ? Path.of("/var/lib/mews")
                                : Path.of(System.getProperty("user.home"), ".mews");
        @Nullable String runtime = Env.get("XDG_RUNTIME_DIR");
        Path base =
                root
                        ? Path.of("/run/mews")
                        : runtime != null
                                ? Path.of(runtime, "mews")
                                : Path.of(
                                        System.getProperty("java.io.tmpdir"),
                                        "mews-" + System.getProperty("user.name"));
        // One folder per home, so that two servers of one user never meet.
        return new Home(home, base.resolve(Hashes.sha256Hex(home.toString()).substring(0, 8)));
    }

    public Path postgres() {
        return root.resolve("postgres");
    }

    /// Build bookkeeping of whole environments.
    public Path environments() {
        return root.resolve("environments");
    }

    /// Installed packages by layer key; read-only once there.
    public Path layers() {
        return root.resolve("layers");
    }

    /// uv and the other tools that Mews fetches for itself.
    public Path tools() {
        return root.resolve("tools");
    }

    /// Root file systems of container images.
    public Path images() {
        return root.resolve("images");
    }

    /// `/data` of an account's runners.
    public Path data(String account) {
        return root.resolve("data").resolve(account);
    }

    /// Files by content hash.
    public Path files() {
        return root.resolve("files");
    }

    /// Working folders of live runners.
    public Path runners() {
        return root.resolve("runners");
    }

    /// The server's own log.
    public Path logs() {
        return root.resolve("logs");
    }

    /// Where a running server tells its addresses.
    public Path serverJson() {
        return root.resolve("server.json");
    }

    /// The local admin key, mode 0600, for the command line.
    public Path credentials() {
        return root.resolve("credentials");
    }

    public Path config() {
        return root.resolve("mews.toml");
    }

    /// The sealing key, mode 0600, never in the database.
    public Path sealKey() {
        return root.resolve("seal.key");
    }

    /// The local certificate authority.
    public Path authority() {
        return root.resolve("ca");
    }
}
