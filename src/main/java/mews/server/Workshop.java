package mews.server;

import java.io.IOException;
import java.time.InstantSource;
import mews.base.Home;
import mews.build.EnvironmentBuilder;
import mews.build.LayerStore;
import mews.build.ManagedEnvironmentBuilder;
import mews.build.Uploaded;
import mews.host.EnvironmentLayout;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;

/// Where environments are built and processes started.
record Workshop(Sandbox sandbox, EnvironmentLayout layout, EnvironmentBuilder builder) {
    static Workshop open(
            Home home, ServerConfig config, Keepers keepers, InstantSource clock, Shutdown shutdown)
            throws IOException {
        Sandboxes sandboxes =
                shutdown.later(
                        "sandbox",
                        Sandboxes.open(
                                home,
                                config.sandbox().allowNetworks(),
                                OwnAddresses.of(home, config)));
        Interpreters interpreters = Interpreters.ofHost();
        EnvironmentLayout layout = new EnvironmentLayout(home, interpreters);
        Uploaded uploaded =
                url ->
                        keepers.files()
                                .uploads()
                                .findByUrl(url)
                                .map(file ->
                                        new Uploaded.File(
                                                file.sha256(), file.file(), file.fileName()));
        LayerStore store =
                new LayerStore(
                        home,
                        new Uv(interpreters),
                        layout,
                        sandboxes.sandbox(),
                        SandboxSpec.Network.HOST,
                        uploaded);
        store.sweep();
        return new Workshop(
                sandboxes.sandbox(),
                layout,
                new ManagedEnvironmentBuilder(
                        interpreters, layout, keepers.secrets(), uploaded, store, clock));
    }
}
