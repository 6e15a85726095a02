package mews.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import mews.deploy.Routes;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Image;
import mews.model.Revision;
import mews.model.RevisionSpec;
import mews.model.Route;
import org.jspecify.annotations.Nullable;

/// Aliases as the test sets them.
public final class FakeRoutes implements Routes {
    private final Map<AppName, Route> routes = new ConcurrentHashMap<>();
    private final List<Consumer<AppName>> listeners = new CopyOnWriteArrayList<>();

    /// @return the revision that answers from now on
    public UUID serve(
            AppName app, AuthMode auth, RevisionSpec spec, Duration request, Duration startup) {
        Instant now = Instant.now();
        UUID id = UUID.randomUUID();
        Revision revision = new Revision(id, app, spec, new Image("key", "3.12", List.of()), now);
        Alias alias =
                new Alias(
                        app,
                        auth,
                        id,
                        null,
                        DeploymentStrategy.RECREATE,
                        spec.scale(),
                        request,
                        startup,
                        spec.timeouts().requestStart(),
                        spec.machineTypes(),
                        List.of(),
                        false,
                        1,
                        now);
        routes.put(app, new Route(alias, revision));
        listeners.forEach(listener -> listener.accept(app));
        return id;
    }

    @Override
    public @Nullable Route find(AppName app) {
        return routes.get(app);
    }

    @Override
    public Collection<Route> all() {
        return List.copyOf(routes.values());
    }

    @Override
    public void onChange(Consumer<AppName> listener) {
        listeners.add(listener);
    }
}
