package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import mews.base.Env;
import mews.host.ImageTools;

/// Calls buildah, or podman in its place: argument lists, no shell, nothing secret among them.
final class ImageBuilder {
    private static final Duration LONGEST_PULL = Duration.ofMinutes(30);
    private static final Duration LONGEST_BUILD = Duration.ofHours(2);
    private static final Set<String> OURS = Set.of("PATH", "HOME", "TMPDIR", "LANG");

    /// Of one build.
    ///
    /// @param store words that call the program with the account's store
    /// @param logins file with the users and passwords of registries
    /// @param enter words that lead into the network of the steps
    /// @param network what a build says about it
    record Place(
            ImageBench bench,
            List<String> store,
            Path logins,
            Path registries,
            List<String> enter,
            List<String> network) {}

    /// @param dockerfile text
    /// @param context folder of the files to copy
    /// @param secrets by id, the file that holds each
    /// @param volumes `host:inside:ro` seen by the steps, never kept
    /// @param flags further words
    record Order(
            String dockerfile,
            Path context,
            Map<String, String> arguments,
            Map<String, Path> secrets,
            List<String> volumes,
            List<String> flags) {}

    /// The builder ended with an error.
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient List<String> said;
        private final int code;

        Failed(int code, List<String> said) {
            super("exit code " + code);
            this.code = code;
            this.said = List.copyOf(said);
        }

        int code() {
            return code;
        }

        List<String> said() {
            return said;
        }
    }

    private final ImageTools tools;

    ImageBuilder(ImageTools tools) {
        this.tools = tools;
    }

    /// Asks the registry, even for what is in the store: what one caller may read tells nothing of
    /// the next. What is there already is not fetched again.
    ///
    /// @return id of the image
    String pull(Place place, ImageName name, Consumer<String> lines)
            throws IOException, InterruptedException, Failed {
        List<String> line = new ArrayList<>(place.store());
        line.add("pull");
        if (tools.buildah()) {
            line.add("--policy=always");
        }
        line.addAll(List.of("--authfile", place.logins().toString(), name.toString()));
        List<String> said = run(place, line, Map.of(), LONGEST_PULL, lines);
        return said.isEmpty() ? "" : said.getLast().strip();
    }

    /// @return id of the image
    String build(Place place, Order order, Consumer<String> lines)
            throws IOException, InterruptedException, Failed {
        Path dockerfile = Files.createTempFile(place.bench().disk(), "Dockerfile-", "");
        Files.writeString(dockerfile, order.dockerfile());
        Path ignore = Files.writeString(place.bench().disk().resolve("ignore-nothing"), "");
        Path id = Files.createTempFile(place.bench().disk(), "id-", "");
        List<String> line = new ArrayList<>(place.enter());
        line.addAll(place.store());
        line.addAll(List.of("build", "--layers", "--force-rm", "--pull-never"));
        line.addAll(tools.flags());
        line.addAll(place.network());
        line.addAll(List.of("--authfile", place.logins().toString()));
        line.addAll(List.of("--iidfile", id.toString()));
        line.addAll(List.of("--ignorefile", ignore.toString()));
        line.addAll(List.of("--file", dockerfile.toString()));
        line.addAll(order.flags());
        Map<String, String> environment = arguments(order.arguments(), line);
        order.secrets()
                .forEach((name, file) ->
                        line.addAll(List.of("--secret", "id=%s,src=%s".formatted(name, file))));
        order.volumes().forEach(volume -> line.addAll(List.of("--volume", volume)));
        line.add(order.context().toString());
        run(place, line, environment, LONGEST_BUILD, lines);
        return Files.readString(id).strip().replaceFirst("^sha256:", "");
    }

    /// Values travel in the environment, where other users of this host cannot read them.
    private static Map<String, String> arguments(Map<String, String> arguments, List<String> line) {
        Map<String, String> environment = new HashMap<>();
        arguments.forEach((name, value) -> {
            boolean ours =
                    OURS.contains(name)
                            || name.startsWith("LD_")
                            || name.startsWith("CONTAINERS_")
                            || !name.matches("[A-Za-z_]\\w*");
            if (!ours) {
                environment.put(name, value);
            }
            line.addAll(List.of("--build-arg", ours ? name + "=" + value : name));
        });
        return environment;
    }

    private List<String> run(
            Place place,
            List<String> line,
            Map<String, String> additional,
            Duration limit,
            Consumer<String> lines)
            throws IOException, InterruptedException, Failed {
        List<String> said = new ArrayList<>();
        Map<String, String> environment = environment(place);
        environment.putAll(additional);
        int code =
                BuilderProcess.run(
                        line,
                        environment,
                        place.bench().disk(),
                        limit,
                        text -> {
                            said.add(text);
                            lines.accept(text);
                        });
        if (code == 124) {
            said.add("it took longer than %d minutes and was stopped".formatted(limit.toMinutes()));
        }
        if (code != 0) {
            throw new Failed(code, said);
        }
        return said;
    }

    /// A home of its own: what the operator logged in to is not for every account.
    private static Map<String, String> environment(Place place) {
        Map<String, String> environment = new HashMap<>();
        for (String name :
                List.of(
                        "HTTP_PROXY",
                        "HTTPS_PROXY",
                        "NO_PROXY",
                        "http_proxy",
                        "https_proxy",
                        "no_proxy",
                        "SSL_CERT_FILE",
                        "SSL_CERT_DIR")) {
            String value = Env.get(name, "");
            if (!value.isEmpty()) {
                environment.put(name, value);
            }
        }
        environment.put("PATH", Env.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
        environment.put("HOME", place.bench().disk().toString());
        environment.put("TMPDIR", place.bench().disk().toString());
        environment.put("LANG", "C.UTF-8");
        environment.put("CONTAINERS_REGISTRIES_CONF", place.registries().toString());
        return environment;
    }
}
