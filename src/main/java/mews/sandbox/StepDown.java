package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import mews.host.Command;
import mews.sandbox.SandboxSpec.User;

/// This host's `setpriv` with the libraries it needs, in one folder that every image can be shown:
/// most images have none, and many have another C library.
///
/// @param folder on this host
/// @param loader name of the dynamic loader in it, empty if none is needed
record StepDown(Path folder, String loader) {
    static final String INSIDE = "/.mews/step";

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Pattern LIBRARY = Pattern.compile("(?:\\S+ => )?(/\\S+) \\(0x");

    /// @throws IOException if this host has no `setpriv`
    static StepDown copyTo(Path folder) throws IOException {
        Command.Result which = Command.run(PATIENCE, "sh", "-c", "command -v setpriv");
        if (!which.ok()) {
            throw new IOException("setpriv (util-linux) is not installed");
        }
        Path program = Path.of(which.out().strip()).toRealPath();
        Files.createDirectories(folder);
        copy(program, folder.resolve("setpriv"));
        String loader = "";
        Command.Result needs = Command.run(PATIENCE, "ldd", program.toString());
        for (String line : needs.out().lines().toList()) {
            Matcher library = LIBRARY.matcher(line.strip());
            if (library.lookingAt()) {
                Path file = Path.of(library.group(1));
                String name = file.getFileName().toString();
                copy(file.toRealPath(), folder.resolve(name));
                loader = name.startsWith("ld-") ? name : loader;
            }
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new StepDown(folder, loader);
    }

    /// What comes before a command so that it runs as that user, without any right.
    List<String> to(User user) {
        List<String> line = new ArrayList<>();
        if (!loader.isEmpty()) {
            line.addAll(List.of(INSIDE + "/" + loader, "--library-path", INSIDE));
        }
        line.add(INSIDE + "/setpriv");
        line.addAll(List.of("--reuid", Integer.toString(user.uid())));
        line.addAll(List.of("--regid", Integer.toString(user.gid())));
        if (user.groups().isEmpty()) {
            line.add("--clear-groups");
        } else {
            String groups =
                    user.groups().stream().map(String::valueOf).collect(Collectors.joining(","));
            line.addAll(List.of("--groups", groups));
        }
        line.addAll(List.of("--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all"));
        line.addAll(List.of("--bounding-set=-all", "--"));
        return line;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
