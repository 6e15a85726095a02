package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import mews.base.Hashes;
import mews.base.Home;
import mews.base.Json;
import mews.base.Masker;
import mews.build.BuildReach;
import mews.build.BuildSecrets;
import mews.build.Fetcher;
import mews.build.Flags;
import mews.build.LayerKey;
import mews.build.RequirementLayer;
import mews.build.Uploaded;
import mews.build.UploadedLinks;
import mews.host.Uv;
import mews.host.UvSettings;
import mews.sandbox.ProxyLease;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;

/// Installs requirements into the Python of an image: a layer on top for each install step, cached
/// by what it holds. uv comes from outside, so that the image needs no installer of its own; what
/// it is told lies in memory and is seen by the step only.
final class ImageRequirements {
    private static final String INSIDE = "/.mews-build";
    static final String PROXY = INSIDE + "/proxy";
    static final String EGRESS = INSIDE + "/egress";
    private static final String RULES = "mews-image-requirements-2";

    private static final String LAUNCH =
            """
            import json, os, sys
            order = json.load(open("%1$s/orders/" + sys.argv[1] + ".json"))
            os.environ.update(order["environment"])
            uv = "%1$s/uv/uv"
            command = [uv, "pip", "install", "--python", sys.executable] + order["arguments"]
            if order["carrier"]:
                command = [sys.executable] + order["carrier"] + command
            os.execv(command[0], command)
            """
                    .formatted(INSIDE);

    private final Home home;
    private final Uv uv;
    private final Uploaded uploaded;
    private final Sandboxes sandboxes;
    private final Fetcher fetcher;

    /// @param fetcher fetches what the image must not see the way to
    ImageRequirements(Home home, Uv uv, Uploaded uploaded, Sandboxes sandboxes, Fetcher fetcher) {
        this.fetcher = fetcher;
        this.sandboxes = sandboxes;
        this.home = home;
        this.uv = uv;
        this.uploaded = uploaded;
    }

    /// @param account whose requirements they are
    /// @param base id of the image to stand on
    /// @param secrets the account's, by name
    /// @param force install again although it was done before
    /// @return id of the image with the requirements
    String install(
            ImageBuilder builder,
            ImageBuilder.Place place,
            String account,
            Path cache,
            String base,
            ImagePython python,
            List<RequirementLayer> layers,
            Function<String, Optional<String>> secrets,
            boolean force,
            Consumer<String> lines)
            throws IOException, InterruptedException, ImageBuilder.Failed {
        BuildSecrets filler = new BuildSecrets(secrets);
        Path orders = Files.createDirectory(place.bench().memory().resolve("orders"));
        Path files = Files.createDirectory(place.bench().disk().resolve("files"));
        HostFiles mounted = HostFiles.of(uv.settings(), INSIDE);
        Files.createDirectories(cache);
        List<RequirementLayer> whole =
                layers.stream().map(layer -> layer.filled(filler::fill)).toList();
        Masker masker =
                filler.masker(whole.stream().flatMap(it -> it.confidential().stream()).toList());
        ImageSources sources = new ImageSources(fetcher, account, masker, files, INSIDE + "/files");
        Consumer<String> say = line -> lines.accept(sources.told(line));
        List<RequirementLayer> filled = new ArrayList<>();
        for (RequirementLayer layer : whole) {
            filled.add(sources.fetch(layer, uploaded, lines).map(entry -> local(entry, files)));
        }
        Optional<ProxyLease> proxy =
                place.enter().isEmpty() ? Optional.empty() : lease(filled, say);
        if (proxy.isEmpty()) {
            say.accept(
                    "this host gives builds no network of their own: what they run reaches whatever this host does");
        }
        try {
            StringBuilder dockerfile = new StringBuilder("FROM %s\nUSER 0\n".formatted(base));
            for (int i = 0; i < filled.size(); i++) {
                List<String> cacheWords =
                        new ImageUrls(masker).areTraced(whole.get(i))
                                ? List.of("--no-cache")
                                : List.of("--cache-dir", INSIDE + "/cache");
                write(
                        orders,
                        String.valueOf(i),
                        filled.get(i),
                        mounted,
                        cacheWords,
                        proxy.map(given -> builder.proxyWay()));
                String content = RULES + LayerKey.plain(layers.get(i), uploaded).text();
                dockerfile.append(step(python, i, Hashes.sha256Hex(content).substring(0, 16)));
            }
            Files.writeString(orders.resolve("install.py"), LAUNCH);
            ImageBuilder.Order order =
                    new ImageBuilder.Order(
                            dockerfile.toString(),
                            files,
                            Map.of(),
                            Map.of(),
                            volumes(orders, files, cache, mounted),
                            proxy,
                            force);
            return masked(builder, place, order, sources, lines);
        } finally {
            proxy.ifPresent(ProxyLease::close);
        }
    }

    /// What the layers name may be reached, as for managed environments.
    private Optional<ProxyLease> lease(List<RequirementLayer> filled, Consumer<String> say)
            throws IOException {
        Set<String> named = new TreeSet<>();
        Map<String, String> host = uv.environment();
        filled.forEach(layer ->
                named.addAll(BuildReach.of(layer, host, sentence -> {}, Path.of("/")).named()));
        return sandboxes.leaseProxy(
                new SandboxSpec.Reach(
                        named,
                        host,
                        sentence -> say.accept("refused to the build: " + sentence),
                        null));
    }

    private static String masked(
            ImageBuilder builder,
            ImageBuilder.Place place,
            ImageBuilder.Order order,
            ImageSources sources,
            Consumer<String> lines)
            throws IOException, InterruptedException, ImageBuilder.Failed {
        try {
            return builder.build(place, order, line -> lines.accept(sources.told(line)));
        } catch (ImageBuilder.Failed e) {
            throw new ImageBuilder.Failed(e.code(), e.said().stream().map(sources::told).toList());
        }
    }

    /// No shell: an image with a Python need not have one.
    private static String step(ImagePython python, int number, String hash) {
        List<String> words =
                List.of(
                        python.path(),
                        "-I",
                        INSIDE + "/orders/install.py",
                        String.valueOf(number),
                        hash);
        return "RUN " + Json.MAPPER.writeValueAsString(words) + "\n";
    }

    private void write(
            Path orders,
            String name,
            RequirementLayer filled,
            HostFiles mounted,
            List<String> cache,
            Optional<ImageBuilder.ProxyWay> proxy)
            throws IOException {
        UvSettings settings = uv.settings();
        // Indexes stand in the file, passwords and all: a command line or a variable is seen.
        Flags flags = Flags.of(settings.lines(), filled.options());
        Files.writeString(
                orders.resolve(name + ".txt"), mounted.inside(flags.above(filled.packages())));
        Map<String, String> environment = new HashMap<>(settings.withoutPlaces());
        environment.replaceAll((variable, value) -> mounted.inside(value));
        if (proxy.isPresent()) {
            // Over whatever this host's own are: the proxy goes through those.
            environment
                    .keySet()
                    .removeIf(variable -> variable.toUpperCase(Locale.ROOT).endsWith("_PROXY"));
            environment.putAll(proxy.get().variables());
            environment.put("NO_PROXY", "");
            environment.put("no_proxy", "");
        }
        environment.put("UV_LINK_MODE", "copy");
        environment.put("HOME", "/tmp");
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "-r",
                                INSIDE + "/orders/" + name + ".txt",
                                "--break-system-packages",
                                "--no-config",
                                "--color",
                                "never",
                                "--no-progress",
                                "--compile-bytecode"));
        arguments.addAll(cache);
        arguments.addAll(flags.arguments());
        Map<String, Object> order = new LinkedHashMap<>();
        order.put("environment", environment);
        order.put("arguments", arguments);
        order.put("carrier", proxy.map(ImageBuilder.ProxyWay::carrier).orElse(List.of()));
        Files.writeString(orders.resolve(name + ".json"), Json.MAPPER.writeValueAsString(order));
    }

    /// An uploaded archive is read from disk: steps need no way to this server.
    private String local(String entry, Path files) {
        Optional<UploadedLinks> links = UploadedLinks.of(entry, uploaded);
        if (links.isPresent()) {
            return RequirementLayer.LINKS
                    + " file://"
                    + INSIDE
                    + "/files/"
                    + laid(links.get(), files);
        }
        int at = entry.indexOf(" @ ");
        String url = at < 0 ? entry : entry.substring(at + 3);
        Optional<Uploaded.File> file = uploaded.find(url);
        if (file.isEmpty()) {
            return entry;
        }
        try {
            String folder = file.get().contentHash().substring(0, 12);
            Files.createDirectories(files.resolve(folder));
            Files.copy(
                    file.get().path(),
                    files.resolve(folder).resolve(file.get().name()),
                    StandardCopyOption.REPLACE_EXISTING);
            return (at < 0 ? "" : entry.substring(0, at + 3))
                    + "file://%s/files/%s/%s".formatted(INSIDE, folder, file.get().name());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read an uploaded archive", e);
        }
    }

    /// @return the folder, below `files`
    private static String laid(UploadedLinks links, Path files) {
        try {
            links.lay(files.resolve(links.shelf()));
            return links.shelf();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read an uploaded archive", e);
        }
    }

    private List<ImageBuilder.Volume> volumes(
            Path orders, Path files, Path cache, HostFiles mounted) {
        List<ImageBuilder.Volume> volumes =
                new ArrayList<>(
                        List.of(
                                volume(orders, "orders", ImageBuilder.Shown.SECRETS),
                                volume(files, "files", ImageBuilder.Shown.FILES),
                                volume(
                                        uv.ensure(home.tools()).resolveSibling(""),
                                        "uv",
                                        ImageBuilder.Shown.FILES),
                                volume(cache, "cache", ImageBuilder.Shown.CACHE)));
        volumes.addAll(mounted.volumes());
        return volumes;
    }

    private static ImageBuilder.Volume volume(Path host, String name, ImageBuilder.Shown kind) {
        return new ImageBuilder.Volume(host, INSIDE + "/" + name, kind);
    }
}
