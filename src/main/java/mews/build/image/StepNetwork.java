package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import mews.base.Resources;
import mews.host.IdRanges;
import mews.host.ImageTools;
import mews.host.Interpreters;
import mews.model.Refusal;
import mews.sandbox.NetworkLease;
import mews.sandbox.ProxyLease;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;
import org.jspecify.annotations.Nullable;

/// The network that the steps of one build are in. As root it has an interface of its own, as an
/// ordinary user the egress proxy. The whole builder goes there: its own downloads for ADD are a
/// stranger's wish too. Bases were fetched before.
///
/// @param steps where a Dockerfile is built
/// @param requirements where requirements are installed, which bring a proxy of their own
record StepNetwork(
        ImageBuilder.Place steps,
        ImageBuilder.Place requirements,
        @Nullable NetworkLease lease,
        @Nullable ProxyLease proxy)
        implements AutoCloseable {
    /// @param dockerfile whether there are steps of a Dockerfile
    /// @throws Refusal if this server can only give them the network of the host, and is no root's
    static StepNetwork open(
            Sandboxes sandboxes,
            ImageTools tools,
            ImageBuilder.Place place,
            boolean dockerfile,
            Consumer<String> lines)
            throws IOException {
        if (tools.ranges()) {
            return proxied(sandboxes, place, lines);
        }
        Optional<NetworkLease> lease = sandboxes.leaseNetwork();
        if (lease.isEmpty() && dockerfile) {
            lines.accept(
                    "the steps of this build share this host's network: it has no network namespaces with a way out");
        }
        ImageBuilder.Place inside = lease.map(given -> within(place, given)).orElse(place);
        return new StepNetwork(inside, inside, lease.orElse(null), null);
    }

    private static ImageBuilder.Place within(ImageBuilder.Place place, NetworkLease lease) {
        return place.in(lease.enter(), lease.nameservers(), Map.of());
    }

    private static StepNetwork proxied(
            Sandboxes sandboxes, ImageBuilder.Place place, Consumer<String> lines)
            throws IOException {
        ProxyLease proxy =
                sandboxes
                        .leaseProxy(
                                new SandboxSpec.Reach(
                                        Set.of(),
                                        Map.of(),
                                        said -> lines.accept("refused to the build: " + said),
                                        null))
                        .orElseThrow(() ->
                                new Refusal(
                                        Refusal.Kind.FAILED_PRECONDITION,
                                        "this server cannot give a build a network of its own; install bubblewrap (apt install bubblewrap)"));
        try {
            Path program =
                    Files.writeString(
                            place.bench().disk().resolve("apart.py"),
                            Resources.text("build/apart.py"));
            IdRanges ranges = IdRanges.ofUser().orElseThrow();
            List<String> enter = new ArrayList<>(ranges.enter());
            enter.addAll(
                    List.of(Interpreters.any("container images").toString(), "-I", "-S", "-B"));
            enter.addAll(List.of(program.toString(), proxy.forwarder().toString()));
            Map<String, String> alone = ranges.toldToBuilders();
            Map<String, String> proxied = new HashMap<>(alone);
            proxied.putAll(ProxyLease.variables(proxy.socket().toString()));
            proxied.put("NO_PROXY", "");
            proxied.put("no_proxy", "");
            return new StepNetwork(
                    place.in(enter, List.of(), proxied),
                    place.in(enter, List.of(), alone),
                    null,
                    proxy);
        } catch (IOException | RuntimeException e) {
            proxy.close();
            throw e;
        }
    }

    @Override
    public void close() {
        if (lease != null) {
            lease.close();
        }
        if (proxy != null) {
            proxy.close();
        }
    }
}
