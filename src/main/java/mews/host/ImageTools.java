package mews.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mews.base.Home;
import org.jspecify.annotations.Nullable;

/// What builds container images on this host, shown by running a command in a container of it.
///
/// @param program `buildah`, `podman`, or the path of a `docker`; null: none works
/// @param isolation words that choose how the steps of a build are run
/// @param detail version and isolation, or the reason why nothing works
/// @param remedy what to do about it
/// @param ranges whether it works in a user namespace of an ordinary user
public record ImageTools(
        @Nullable String program,
        List<String> isolation,
        String detail,
        String remedy,
        boolean ranges) {
    /// What can build, best first.
    public static final List<String> PROGRAMS = List.of("buildah", "podman", OwnDocker.NAME);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> RUNTIMES = List.of("runc", "crun");
    private static final String CHROOT = "chroot";

    public ImageTools {
        isolation = List.copyOf(isolation);
    }

    public boolean works() {
        return program != null;
    }

    public boolean buildah() {
        return "buildah".equals(program);
    }

    public boolean docker() {
        return program != null && program.endsWith("/" + OwnDocker.NAME);
    }

    /// Steps of a build without namespaces of their own: weaker.
    public boolean weak() {
        return isolation.contains(CHROOT);
    }

    /// @param home on the disk that images will be on; what is tried there is deleted
    /// @param only the program that is to be used; empty: any
    public static ImageTools probe(Home home, String only) {
        boolean root = "root".equals(System.getProperty("user.name"));
        Optional<IdRanges> ranges = IdRanges.ofUser();
        if (!root) {
            String obstacle =
                    ranges.map(ImageTools::obstacle)
                            .orElse("/etc/subuid and /etc/subgid give this user none");
            if (!obstacle.isEmpty()) {
                return no(
                        "a server of an ordinary user needs numbers for the users of images: "
                                + obstacle,
                        IdRanges.REMEDY);
            }
        }
        List<String> reasons = new ArrayList<>();
        for (String program : only.isEmpty() ? PROGRAMS : List.of(only)) {
            if (!root && !program.equals(PROGRAMS.getFirst())) {
                reasons.add("a server of an ordinary user builds with buildah only");
                continue;
            }
            if (program.equals(OwnDocker.NAME)) {
                Optional<ImageTools> docker = docker(home, reasons);
                if (docker.isPresent()) {
                    return docker.get();
                }
                continue;
            }
            Command.Result version = Command.run(PATIENCE, program, "--version");
            if (!version.ok()) {
                reasons.add(program + " is not installed");
                continue;
            }
            for (List<String> isolation : isolations()) {
                Command.Result ran = attempt(home, program, isolation);
                if (ran.ok()) {
                    String by = isolation.getLast() + (isolation.size() == 2 ? "" : " (OCI)");
                    return new ImageTools(
                            program,
                            isolation,
                            version.out().strip() + ", isolation " + by,
                            "",
                            !root);
                }
                reasons.add(
                        "%s with %s: %s".formatted(program, isolation.getLast(), ran.lastWords()));
            }
        }
        return no(
                String.join("; ", reasons),
                "install buildah and runc (apt install buildah runc); Docker Engine will do, too, with its dockerd and docker-buildx-plugin");
    }

    /// The first `docker` of the path that works: one without its plugin for BuildKit does not.
    private static Optional<ImageTools> docker(Home home, List<String> reasons) {
        List<Path> clients = OwnDocker.clients();
        if (clients.isEmpty() || !Command.run(PATIENCE, "dockerd", "--version").ok()) {
            reasons.add("docker and dockerd are not installed");
            return Optional.empty();
        }
        for (Path client : clients) {
            String version = Command.run(PATIENCE, client.toString(), "--version").out().strip();
            Command.Result ran = OwnDocker.attempt(client.toString(), home);
            if (ran.ok()) {
                String detail = version + ", a daemon of its own for each build";
                return Optional.of(new ImageTools(client.toString(), List.of(), detail, "", false));
            }
            reasons.add("%s: %s".formatted(client, ran.lastWords()));
        }
        return Optional.empty();
    }

    /// Why the ranges cannot be used; empty if they can.
    private static String obstacle(IdRanges ranges) {
        try {
            List<String> line = new ArrayList<>(ranges.enter());
            line.add("true");
            Command.Result tried = Command.run(PATIENCE, line);
            return tried.ok() ? "" : tried.lastWords();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static ImageTools no(String detail, String remedy) {
        return new ImageTools(null, List.of(), detail, remedy, false);
    }

    private static List<List<String>> isolations() {
        List<List<String>> isolations = new ArrayList<>();
        for (String runtime : RUNTIMES) {
            if (Command.run(PATIENCE, runtime, "--version").ok()) {
                isolations.add(List.of("--isolation", "oci", "--runtime", runtime));
            }
        }
        isolations.add(List.of("--isolation", CHROOT));
        return isolations;
    }

    /// Builds an image of nothing with one step, which runs a program of this host.
    private static Command.Result attempt(Home home, String program, List<String> isolation) {
        return Trial.of(
                home,
                (folder, run) -> {
                    Path file = folder.resolve("Dockerfile");
                    Files.writeString(file, "FROM scratch\nRUN [\"/usr/bin/true\"]\n");
                    return Command.run(PATIENCE, line(folder, run, file, program, isolation));
                });
    }

    private static List<String> line(
            Path folder, Path run, Path file, String program, List<String> isolation) {
        List<String> line = new ArrayList<>(store(program, folder, run));
        if (program.equals("podman") && isolation.contains("--runtime")) {
            line.addAll(List.of("--runtime", isolation.getLast()));
        }
        line.addAll(List.of("build", "--layers=false", "--network", "host"));
        line.addAll(flags(program, isolation));
        line.addAll(Trial.volumes());
        line.addAll(List.of("--file", file.toString(), folder.toString()));
        return line;
    }

    /// How the program is called with a store of its own, before its subcommand.
    ///
    /// @param folder of the store, kept
    /// @param run state of the store that need not outlive a reboot
    public List<String> store(Path folder, Path run) {
        List<String> words =
                new ArrayList<>(store(program == null ? "buildah" : program, folder, run));
        if ("podman".equals(program) && isolation.contains("--runtime")) {
            words.addAll(List.of("--runtime", isolation.getLast()));
        }
        return words;
    }

    /// Words of a build that choose its isolation.
    public List<String> flags() {
        return flags(program == null ? "buildah" : program, isolation);
    }

    /// podman takes its runtime before the subcommand.
    private static List<String> flags(String program, List<String> isolation) {
        return program.equals("podman") ? isolation.subList(0, 2) : isolation;
    }

    private static List<String> store(String program, Path folder, Path run) {
        return List.of(
                program,
                "--root",
                folder.resolve("root").toString(),
                "--runroot",
                run.toString(),
                "--storage-driver",
                "overlay",
                // Otherwise a mount stays behind that nobody takes down.
                "--storage-opt",
                "overlay.skip_mount_home=true");
    }
}
