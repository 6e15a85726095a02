package mews.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Who PostgreSQL runs as: its programs refuse root, so root lends them another user.
///
/// @param name null: the user of this process
record PostgresUser(@Nullable String name, int uid, int gid) {
    private static final List<String> CANDIDATES = List.of("mews", "postgres", "nobody");

    /// @param data an existing data folder keeps the owner it has
    static PostgresUser of(Path data) {
        int self = owner(Path.of("/proc/self"));
        if (self != 0) {
            return new PostgresUser(null, self, 0);
        }
        if (Files.isDirectory(data)) {
            Optional<PostgresUser> keeper = byId(owner(data));
            if (keeper.isPresent()) {
                return keeper.get();
            }
        }
        if (byName("mews").isEmpty()) {
            Shell.run(
                    "useradd",
                    "--system",
                    "--no-create-home",
                    "--user-group",
                    "--home-dir",
                    "/nonexistent",
                    "--shell",
                    "/usr/sbin/nologin",
                    "mews");
        }
        return CANDIDATES.stream()
                .flatMap(name -> byName(name).stream())
                .findFirst()
                .orElseThrow(() ->
                        new Refusal(
                                Refusal.Kind.FAILED_PRECONDITION,
                                "PostgreSQL refuses to run as root, and none of the users %s exists; make one with 'useradd --system mews' or set MEWS_DATABASE_URL"
                                        .formatted(CANDIDATES)));
    }

    /// The command, run as this user.
    List<String> wrap(List<String> command) {
        if (name == null) {
            return command;
        }
        List<String> wrapped = new ArrayList<>();
        if (Shell.has("setpriv")) {
            wrapped.addAll(
                    List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--"));
        } else if (Shell.has("runuser")) {
            wrapped.addAll(List.of("runuser", "-u", name, "--"));
        } else {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "PostgreSQL refuses to run as root, and neither setpriv nor runuser is here to run it as '%s'; install util-linux or set MEWS_DATABASE_URL"
                            .formatted(name));
        }
        wrapped.addAll(command);
        return wrapped;
    }

    /// Hands a file or an empty folder over.
    void own(Path path) {
        if (name == null) {
            return;
        }
        try {
            Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be given to user '%s'".formatted(path, name), e);
        }
    }

    /// Lets this user pass through a folder of ours, without letting it list what is there.
    void letEnter(Path folder) {
        if (name == null) {
            return;
        }
        try {
            Set<PosixFilePermission> may = EnumSet.copyOf(Files.getPosixFilePermissions(folder));
            if (may.add(PosixFilePermission.OTHERS_EXECUTE)) {
                Files.setPosixFilePermissions(folder, may);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be opened for PostgreSQL's user", e);
        }
    }

    /// @throws Refusal naming the first folder above `path` that this user cannot pass
    void mustReach(Path path) {
        if (name == null) {
            return;
        }
        Path absolute = path.toAbsolutePath();
        for (int depth = 1; depth <= absolute.getNameCount(); depth++) {
            Path folder = absolute.getRoot().resolve(absolute.subpath(0, depth));
            if (Shell.run(wrap(List.of("test", "-x", folder.toString()))) != 0) {
                throw new Refusal(
                        Refusal.Kind.FAILED_PRECONDITION,
                        "PostgreSQL refuses to run as root, and user '%s' cannot enter %s; set MEWS_HOME to a folder below /var/lib, or 'chmod o+x %s'"
                                .formatted(name, folder, folder));
            }
        }
    }

    private static Optional<PostgresUser> byName(String name) {
        Optional<String> uid = Shell.line("id", "-u", name);
        Optional<String> gid = Shell.line("id", "-g", name);
        return uid.isEmpty() || gid.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new PostgresUser(
                                name, Integer.parseInt(uid.get()), Integer.parseInt(gid.get())));
    }

    private static Optional<PostgresUser> byId(int uid) {
        return uid == 0
                ? Optional.empty()
                : Shell.line("id", "-nu", Integer.toString(uid)).flatMap(PostgresUser::byName);
    }

    private static int owner(Path path) {
        try {
            return (Integer) Files.getAttribute(path, "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException("the owner of " + path + " cannot be read", e);
        }
    }
}
