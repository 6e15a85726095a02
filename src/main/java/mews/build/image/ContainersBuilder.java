package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import mews.host.Command;
import mews.host.Enclosure;
import mews.host.ImageTools;
import mews.sandbox.ProxyLease;

/// buildah, or podman in its place: they share flags and library.
final class ContainersBuilder implements ImageBuilder {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ImageTools tools;

    ContainersBuilder(ImageTools tools) {
        this.tools = tools;
    }

    @Override
    public String pull(Place place, ImageName name, Consumer<String> lines)
            throws IOException, InterruptedException, Failed {
        List<String> line = new ArrayList<>(tools.store(place.store(), place.run()));
        line.add("pull");
        if (tools.buildah()) {
            line.add("--policy=always");
        }
        line.addAll(List.of("--authfile", place.logins().toString(), name.toString()));
        List<String> said = ImageBuilder.run(place, line, environment(place), LONGEST_PULL, lines);
        return said.isEmpty() ? "" : said.getLast().strip();
    }

    @Override
    public String build(Place place, Order order, Consumer<String> lines)
            throws IOException, InterruptedException, Failed {
        Path dockerfile = Files.createTempFile(place.bench().disk(), "Dockerfile-", "");
        Files.writeString(dockerfile, order.dockerfile());
        Path ignore = Files.writeString(place.bench().disk().resolve("ignore-nothing"), "");
        Path id = Files.createTempFile(place.bench().disk(), "id-", "");
        List<String> line = new ArrayList<>(place.enter());
        line.addAll(tools.store(place.store(), place.run()));
        line.addAll(List.of("build", "--layers", "--force-rm", "--pull-never"));
        line.addAll(tools.flags());
        line.addAll(List.of("--network", "host"));
        place.nameservers().forEach(server -> line.addAll(List.of("--dns", server)));
        line.addAll(List.of("--authfile", place.logins().toString()));
        line.addAll(List.of("--iidfile", id.toString()));
        line.addAll(List.of("--ignorefile", ignore.toString()));
        line.addAll(List.of("--file", dockerfile.toString()));
        if (order.fresh()) {
            line.add("--no-cache");
        }
        Map<String, String> environment = environment(place);
        environment.putAll(ImageBuilder.arguments(order.arguments(), line));
        order.secrets()
                .forEach((name, file) ->
                        line.addAll(List.of("--secret", "id=%s,src=%s".formatted(name, file))));
        volumes(order).forEach(volume -> line.addAll(List.of("--volume", volume)));
        line.add(order.context().toString());
        // podman leaves the step's processes behind when it is asked to stop.
        List<String> closed = tools.buildah() ? line : Enclosure.line(line);
        ImageBuilder.run(place, closed, environment, LONGEST_BUILD, lines);
        return Files.readString(id).strip().replaceFirst("^sha256:", "");
    }

    private static List<String> volumes(Order order) {
        List<String> volumes = new ArrayList<>();
        for (Volume volume : order.volumes()) {
            String mode = volume.kind() == Shown.CACHE ? "rw" : "ro";
            volumes.add("%s:%s:%s".formatted(volume.host(), volume.inside(), mode));
        }
        order.proxy()
                .ifPresent(proxy -> {
                    volumes.add("%s:%s:ro".formatted(proxy.socket(), ImageRequirements.PROXY));
                    volumes.add("%s:%s:ro".formatted(proxy.forwarder(), ImageRequirements.EGRESS));
                });
        return volumes;
    }

    /// The socket is shown to the step, which carries its connections there itself.
    @Override
    public ProxyWay proxyWay() {
        return new ProxyWay(
                ProxyLease.variables(ImageRequirements.PROXY),
                ProxyLease.carrier(ImageRequirements.EGRESS));
    }

    @Override
    public String registries(ImageRules rules, List<String> registries) {
        return rules.file(registries);
    }

    @Override
    public ImageFiles files(Path store) {
        return new ContainersFiles(store);
    }

    @Override
    public Optional<String> clean(Path store, Path run, Collection<String> images) {
        List<String> words =
                new ArrayList<>(
                        images.isEmpty() ? List.of("rm", "--all") : List.of("rmi", "--force"));
        words.addAll(images);
        List<String> line = new ArrayList<>(tools.store(store, run));
        line.addAll(words);
        Command.Result done = Command.run(PATIENCE, line);
        return done.ok() ? Optional.empty() : Optional.of(done.lastWords());
    }

    private static Map<String, String> environment(Place place) {
        Map<String, String> environment = new HashMap<>(ImageBuilder.environment(place.bench()));
        environment.putAll(place.variables());
        environment.put("CONTAINERS_REGISTRIES_CONF", place.registries().toString());
        return environment;
    }
}
