package mews.control;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.account.AccountTable;
import mews.build.Cache;
import mews.build.CacheSource;
import mews.control.Router.Access;
import mews.model.Caller;
import mews.model.Refusal;
import tools.jackson.databind.JsonNode;

/// What builds keep on disk. The disk is the server's, so its own account sees and prunes all of
/// it; another account sees what it has there.
final class CachePages {
    private final Cache cache;

    CachePages(Cache cache) {
        this.cache = cache;
    }

    void routes(Router router) {
        router.on("GET", "/v1/mews/cache", Access.ADMIN, this::list)
                .on("POST", "/v1/mews/cache/prune", Access.ADMIN, this::prune);
    }

    private void list(Exchange exchange) {
        Caller caller = exchange.caller();
        List<Cache.Listed> mine =
                cache.list().stream()
                        .filter(each ->
                                owner(caller) || each.entry().account().equals(caller.account()))
                        .toList();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("entries", mine.stream().map(CachePages::json).toList());
        json.put("bytes", mine.stream().mapToLong(each -> each.entry().bytes()).sum());
        json.put("limit_bytes", cache.limitBytes());
        exchange.json(200, json);
    }

    private void prune(Exchange exchange) throws IOException {
        Caller caller = exchange.caller();
        if (!owner(caller)) {
            throw new Refusal(
                    Refusal.Kind.FORBIDDEN,
                    "the cache belongs to the whole server; only a key of account '%s' may prune it"
                            .formatted(AccountTable.FIRST));
        }
        JsonNode asked = exchange.json();
        Cache.Pruned pruned = cache.prune(flag(asked, "all"), flag(asked, "dry_run"));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("removed", pruned.removed().stream().map(CachePages::json).toList());
        json.put("freed_bytes", pruned.freedBytes());
        json.put("settling", pruned.settling());
        exchange.json(200, json);
    }

    private static boolean flag(JsonNode asked, String name) {
        JsonNode value = asked.path(name);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw Exchange.invalid("'%s' must be true or false, got %s".formatted(name, value));
        }
        return value.asBoolean(false);
    }

    private static boolean owner(Caller caller) {
        return caller.account().equals(AccountTable.FIRST);
    }

    private static Map<String, Object> json(Cache.Listed listed) {
        Map<String, Object> json = json(listed.entry());
        json.put("used_by", listed.usedBy());
        return json;
    }

    private static Map<String, Object> json(CacheSource.Entry entry) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", entry.kind());
        json.put("key", entry.key());
        json.put("account", entry.account());
        json.put("bytes", entry.bytes());
        json.put("summary", entry.summary());
        json.put("last_used", Times.text(entry.lastUsed()));
        return json;
    }
}
