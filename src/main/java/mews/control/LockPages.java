package mews.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import mews.build.LockDiff;
import mews.build.LockedEnvironment;
import mews.control.Router.Access;
import mews.deploy.Deployment;
import mews.model.AppName;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.Route;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.NullNode;

/// What the requirements of revisions came to, and what changed between two of them.
final class LockPages {
    private final Deployment deployment;
    private final Names names;

    LockPages(Deployment deployment, Names names) {
        this.deployment = deployment;
        this.names = names;
    }

    void routes(Router router) {
        router.on("GET", "/v1/mews/apps/{owner}/{app}/lock", Access.ADMIN, this::lock)
                .on("GET", "/v1/mews/revisions/{from}/diff/{to}", Access.ADMIN, this::diff);
    }

    private void lock(Exchange exchange) {
        AppName app = names.own(exchange.caller(), exchange.part("owner"), exchange.part("app"));
        Revision revision = revision(app, exchange.query("revision"));
        LockedEnvironment lock = deployment.environments().lock(revision);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("app", app.toString());
        json.put("revision", revision.id().toString());
        json.put("python", lock.python());
        json.put("machine", lock.machine().name().toLowerCase(Locale.ROOT));
        json.put("image", orNull(lock.image()));
        json.put("packages", lock.packages().stream().map(LockPages::json).toList());
        exchange.json(200, json);
    }

    /// @param wish beginning of an id; null: what the app serves
    private Revision revision(AppName app, @Nullable String wish) {
        Route route = deployment.routes().find(app);
        if (wish != null) {
            return route != null && servesForeign(route, wish)
                    ? route.revision()
                    : deployment.aliases().revision(app.owner(), app, wish);
        }
        if (route == null) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "app '%s' not found; to see what a deleted app had, name its revision"
                            .formatted(app.alias()));
        }
        return route.revision();
    }

    /// An app may serve a revision that was registered under another name.
    private boolean servesForeign(Route route, String wish) {
        UUID serving = route.alias().serving();
        return serving.toString().startsWith(wish.toLowerCase(Locale.ROOT))
                && deployment
                        .aliases()
                        .revision(serving)
                        .filter(revision -> !revision.app().equals(route.app()))
                        .isPresent();
    }

    private void diff(Exchange exchange) {
        Revision from = any(exchange, "from");
        Revision to = any(exchange, "to");
        LockDiff diff =
                LockDiff.of(
                        deployment.environments().lock(from), deployment.environments().lock(to));
        Map<String, Object> facts = new TreeMap<>();
        diff.facts().forEach((name, changed) -> facts.put(name, fact(changed)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("from", from.id().toString());
        json.put("to", to.id().toString());
        json.put("facts", facts);
        json.put("added", diff.added().stream().map(LockPages::json).toList());
        json.put("removed", diff.removed().stream().map(LockPages::json).toList());
        json.put(
                "changed",
                diff.changed().stream()
                        .map(each -> Map.of("from", json(each.from()), "to", json(each.to())))
                        .toList());
        exchange.json(200, json);
    }

    private Revision any(Exchange exchange, String part) {
        return deployment
                .aliases()
                .revision(exchange.caller().account(), null, exchange.part(part));
    }

    private static Map<String, Object> fact(LockDiff.Fact changed) {
        return Map.of("from", orNull(changed.from()), "to", orNull(changed.to()));
    }

    private static Map<String, Object> json(LockedEnvironment.Package each) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", each.name());
        json.put("version", each.version());
        json.put("source", each.source());
        json.put("hashes", List.copyOf(each.hashes()));
        json.put("layer", each.layer());
        return json;
    }

    private static Object orNull(@Nullable String text) {
        return text == null ? NullNode.getInstance() : text;
    }
}
