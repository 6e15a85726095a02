package mews.build.image;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import mews.base.Env;
import mews.sandbox.ProxyLease;

/// A program of this host that fetches and builds images: argument lists, no shell, nothing secret
/// among them. Every account has a store of its own.
interface ImageBuilder {
    Duration LONGEST_PULL = Duration.ofMinutes(30);
    Duration LONGEST_BUILD = Duration.ofHours(2);

    /// Of one build.
    ///
    /// @param store the account's folder of images
    /// @param run for what of the store need not outlive a reboot
    /// @param logins file with the users and passwords of registries
    /// @param registries file that `registries` made the text of
    /// @param enter words that lead into the network of the steps; empty: this host's
    /// @param nameservers who answers names in there
    /// @param variables what programs in that network must be told
    record Place(
            ImageBench bench,
            Path store,
            Path run,
            Path logins,
            Path registries,
            List<String> enter,
            List<String> nameservers,
            Map<String, String> variables) {
        Place in(List<String> enter, List<String> nameservers, Map<String, String> variables) {
            return new Place(bench, store, run, logins, registries, enter, nameservers, variables);
        }
    }

    /// What steps see without its being copied into the image.
    enum Shown {
        FILES,
        /// Files that must never lie on a disk.
        SECRETS,
        /// Kept from build to build; steps write to it.
        CACHE
    }

    /// @param host a folder
    /// @param inside where steps see it
    record Volume(Path host, String inside, Shown kind) {}

    /// @param dockerfile text
    /// @param context folder of the files to copy
    /// @param secrets by id, the file that holds each
    /// @param volumes seen by the steps, never kept
    /// @param proxy the steps' way out beside their network
    /// @param fresh every step is run, whatever was kept
    record Order(
            String dockerfile,
            Path context,
            Map<String, String> arguments,
            Map<String, Path> secrets,
            List<Volume> volumes,
            Optional<ProxyLease> proxy,
            boolean fresh) {}

    /// The builder ended with an error.
    final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient List<String> said;
        private final int code;

        /// @param said in the words of buildah: `STEP 2/3: …` before what a step says, `Error: …`
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

    /// Asks the registry, even for what is in the store: what one caller may read tells nothing of
    /// the next. What is there already is not fetched again.
    ///
    /// @return id of the image
    String pull(Place place, ImageName name, Consumer<String> lines)
            throws IOException, InterruptedException, Failed;

    /// @return id of the image
    String build(Place place, Order order, Consumer<String> lines)
            throws IOException, InterruptedException, Failed;

    /// What the program reads about the registries of a build.
    String registries(ImageRules rules, List<String> registries);

    /// The images of a store.
    ///
    /// @param store as in a place
    ImageFiles files(Path store);

    /// Where steps find the egress proxy of an order, as variables; and the words that they put
    /// between Python and a command to get there.
    ProxyWay proxyWay();

    /// @param carrier empty: connections are carried from outside of the step
    record ProxyWay(Map<String, String> variables, List<String> carrier) {}

    /// Removes images with the layers that only they have, and takes down what killed builds left.
    ///
    /// @param images ids; those that are not there are no error
    /// @return what went wrong
    Optional<String> clean(Path store, Path run, Collection<String> images) throws IOException;

    /// Values travel in the environment, where other users of this host cannot read them.
    ///
    /// @param line gets the words
    /// @return the environment
    static Map<String, String> arguments(Map<String, String> arguments, List<String> line) {
        Set<String> own = Set.of("PATH", "HOME", "TMPDIR", "LANG");
        Map<String, String> environment = new HashMap<>();
        arguments.forEach((name, value) -> {
            boolean ours =
                    own.contains(name)
                            || name.startsWith("LD_")
                            || name.startsWith("CONTAINERS_")
                            || name.startsWith("DOCKER_")
                            || !name.matches("[A-Za-z_]\\w*");
            if (!ours) {
                environment.put(name, value);
            }
            line.addAll(List.of("--build-arg", ours ? name + "=" + value : name));
        });
        return environment;
    }

    /// A home of its own: what the operator logged in to is not for every account.
    static Map<String, String> environment(ImageBench bench) {
        Map<String, String> environment = new HashMap<>();
        List<String> kept =
                new ArrayList<>(List.of("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy"));
        kept.addAll(List.of("https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"));
        for (String name : kept) {
            String value = Env.get(name, "");
            if (!value.isEmpty()) {
                environment.put(name, value);
            }
        }
        environment.put("PATH", Env.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
        environment.put("HOME", bench.disk().toString());
        environment.put("TMPDIR", bench.disk().toString());
        environment.put("LANG", "C.UTF-8");
        return environment;
    }

    /// Runs a command of a build.
    ///
    /// @return what it said
    static List<String> run(
            Place place,
            List<String> line,
            Map<String, String> environment,
            Duration limit,
            Consumer<String> lines)
            throws IOException, InterruptedException, Failed {
        List<String> said = new ArrayList<>();
        Consumer<String> both =
                text -> {
                    said.add(text);
                    lines.accept(text);
                };
        int code = BuilderProcess.run(line, environment, place.bench().disk(), limit, both);
        if (code == 124) {
            said.add("it took longer than %d minutes and was stopped".formatted(limit.toMinutes()));
        }
        if (code != 0) {
            throw new Failed(code, said);
        }
        return said;
    }
}
