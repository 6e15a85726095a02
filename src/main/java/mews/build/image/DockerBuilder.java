package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mews.host.Command;
import mews.host.Interpreters;
import mews.host.OwnDocker;
import mews.sandbox.ProxyLease;

/// Docker Engine's BuildKit, in a daemon of our own that lives as long as the command does. It
/// shows steps neither folders nor sockets of this host: files come with the context, secrets from
/// memory, and connections to an egress proxy are carried beside the daemon.
final class DockerBuilder implements ImageBuilder {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// What is only known by its id gets a name for the while: a Dockerfile cannot stand on an id.
    private static final String NAMED =
            """
            docker=$1 base=$2
            shift 2
            [ -z "$base" ] || "$docker" tag "$base" "mews-base:$base" || exit 1
            "$docker" build "$@"
            code=$?
            [ -z "$base" ] || "$docker" rmi --no-prune "mews-base:$base" >/dev/null
            exit $code
            """;

    private static final String PULL =
            """
            "$1" pull "$2" && "$1" image inspect --format '{{.Id}}' "$2"
            """;

    private static final String CLEAN =
            """
            docker=$1
            shift
            "$docker" rmi --force "$@" >/dev/null
            "$docker" builder prune --all --force >/dev/null
            """;

    private final String docker;

    /// @param docker the command
    DockerBuilder(String docker) {
        this.docker = docker;
    }

    @Override
    public String pull(Place place, ImageName name, Consumer<String> lines)
            throws IOException, InterruptedException, Failed {
        List<String> command = List.of("/bin/sh", "-c", PULL, "sh", docker, name.toString());
        List<String> line =
                OwnDocker.line(
                        docker,
                        DockerFiles.root(place.store()),
                        place.run(),
                        place.registries(),
                        "",
                        command);
        List<String> said = ImageBuilder.run(place, line, environment(place), LONGEST_PULL, lines);
        return said.getLast().strip().replaceFirst("^sha256:", "");
    }

    @Override
    public String build(Place place, Order order, Consumer<String> lines)
            throws IOException, InterruptedException, Failed {
        Path disk = place.bench().disk();
        Path dockerfile = Files.createTempFile(disk, "Dockerfile-", "");
        Path id = Files.createTempFile(disk, "id-", "");
        // The context was chosen before.
        Files.writeString(Path.of(dockerfile + ".dockerignore"), "");
        List<String> flags = new ArrayList<>(List.of("--progress", "plain", "--network", "host"));
        flags.addAll(List.of("--iidfile", id.toString(), "--file", dockerfile.toString()));
        if (order.fresh()) {
            flags.add("--no-cache");
        }
        Map<String, String> environment = environment(place);
        environment.putAll(ImageBuilder.arguments(order.arguments(), flags));
        proxies(environment, flags);
        Map<String, Path> secrets = new TreeMap<>(order.secrets());
        String base = order.volumes().isEmpty() ? "" : base(order.dockerfile());
        Path context = order.context();
        if (order.volumes().isEmpty()) {
            Files.writeString(dockerfile, order.dockerfile());
        } else {
            context = Files.createTempDirectory(disk, "shown-");
            String mounts = mounts(order.volumes(), context, secrets);
            Files.writeString(
                    dockerfile,
                    order.dockerfile()
                            .replaceFirst("(?m)^FROM .*$", "FROM mews-base:" + base)
                            .replaceAll("(?m)^RUN ", "RUN " + mounts));
        }
        secrets.forEach((name, file) ->
                flags.addAll(List.of("--secret", "id=%s,src=%s".formatted(name, file))));
        flags.add(context.toString());
        BuildKitLines told = new BuildKitLines(Dockerfile.parse(order.dockerfile()), lines);
        try {
            ImageBuilder.run(
                    place, line(place, order, base, flags), environment, LONGEST_BUILD, told);
        } catch (Failed e) {
            throw new Failed(e.code(), told.said());
        }
        return Files.readString(id).strip().replaceFirst("^sha256:", "");
    }

    private List<String> line(Place place, Order order, String base, List<String> flags)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (order.proxy().isPresent()) {
            Path python = Interpreters.any("builds by Docker");
            command.addAll(order.proxy().get().carryHere(python));
        }
        command.addAll(List.of("/bin/sh", "-c", NAMED, "sh", docker, base));
        command.addAll(flags);
        String names = "";
        if (!place.nameservers().isEmpty()) {
            String text = "nameserver " + String.join("\nnameserver ", place.nameservers()) + "\n";
            Path file = place.bench().disk().resolve("resolv.conf");
            names = Files.writeString(file, text).toString();
        }
        List<String> line = new ArrayList<>(place.enter());
        line.addAll(
                OwnDocker.line(
                        docker,
                        DockerFiles.root(place.store()),
                        place.run(),
                        place.registries(),
                        names,
                        command));
        return line;
    }

    /// As the other builders do; BuildKit keeps these names out of images and of what it compares.
    private static void proxies(Map<String, String> environment, List<String> flags) {
        environment.keySet().stream()
                .filter(name -> name.toUpperCase(Locale.ROOT).endsWith("_PROXY"))
                .sorted()
                .forEach(name -> flags.addAll(List.of("--build-arg", name)));
    }

    private static String base(String dockerfile) {
        return dockerfile.lines().findFirst().orElse("").replaceFirst("^FROM ", "").strip();
    }

    /// @param context gets the folders that are shown
    /// @param secrets gets the files that are secret
    /// @return flags of a RUN instruction
    private static String mounts(List<Volume> volumes, Path context, Map<String, Path> secrets)
            throws IOException {
        StringBuilder mounts = new StringBuilder();
        for (Volume volume : volumes) {
            String name = Path.of(volume.inside()).getFileName().toString();
            switch (volume.kind()) {
                case FILES -> {
                    copy(volume.host(), context.resolve(name));
                    mounts.append(
                            "--mount=type=bind,source=%s,target=%s "
                                    .formatted(name, volume.inside()));
                }
                case CACHE ->
                        mounts.append(
                                "--mount=type=cache,id=mews-%s,target=%s "
                                        .formatted(name, volume.inside()));
                case SECRETS -> {
                    for (Path file : listed(volume.host())) {
                        String secret = "mews-%s-%s".formatted(name, file.getFileName());
                        secrets.put(secret, file);
                        mounts.append(
                                "--mount=type=secret,required=true,id=%s,target=%s/%s "
                                        .formatted(secret, volume.inside(), file.getFileName()));
                    }
                }
            }
        }
        return mounts.toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        Command.Result done =
                Command.run(
                        PATIENCE, "cp", "-rL", "--reflink=auto", from.toString(), to.toString());
        if (!done.ok()) {
            throw new IOException("cannot copy what a step is shown: " + done.lastWords());
        }
    }

    private static List<Path> listed(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @Override
    public ProxyWay proxyWay() {
        return new ProxyWay(ProxyLease.carriedVariables(), List.of());
    }

    @Override
    public String registries(ImageRules rules, List<String> registries) {
        return rules.daemon(registries);
    }

    @Override
    public ImageFiles files(Path store) {
        return new DockerFiles(store);
    }

    /// The daemon has no containers between builds, and takes down what killed ones left.
    @Override
    public Optional<String> clean(Path store, Path run, Collection<String> images)
            throws IOException {
        if (images.isEmpty()) {
            return Optional.empty();
        }
        Path settings = Files.writeString(store.resolve("daemon.json"), "{}");
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", CLEAN, "sh", docker));
        command.addAll(images);
        Command.Result done =
                Command.run(
                        PATIENCE,
                        OwnDocker.line(
                                docker, DockerFiles.root(store), run, settings, "", command));
        return done.ok() ? Optional.empty() : Optional.of(done.lastWords());
    }

    private static Map<String, String> environment(Place place) throws IOException {
        Map<String, String> environment = new HashMap<>(ImageBuilder.environment(place.bench()));
        Path configuration = place.bench().memory().resolve("docker");
        ImageBench.makePrivate(configuration);
        Files.copy(
                place.logins(),
                configuration.resolve("config.json"),
                StandardCopyOption.REPLACE_EXISTING);
        environment.put("DOCKER_CONFIG", configuration.toString());
        return environment;
    }
}
