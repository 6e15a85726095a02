package mews.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.account.Accounts;
import mews.control.Router.Access;
import mews.model.Refusal;

/// Who one is. protocol: control 3.6
final class UserPages {
    private final Accounts accounts;

    UserPages(Accounts accounts) {
        this.accounts = accounts;
    }

    void routes(Router router) {
        router.on("GET", "/users/current", Access.KEY, this::current)
                .on("GET", "/users/teams", Access.KEY, this::teams);
    }

    private void current(Exchange exchange) {
        Accounts.Account account = known(exchange.caller().account());
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("full_name", account.fullName());
        user.put("nickname", account.nickname());
        user.put("user_id", account.userId());
        user.put("is_personal", account.personal());
        user.put("is_locked", false);
        user.put("is_paying", true);
        exchange.json(200, user);
    }

    private void teams(Exchange exchange) {
        List<Map<String, Object>> teams =
                Stream.of(exchange.caller().user(), exchange.caller().account())
                        .distinct()
                        .map(this::known)
                        .map(UserPages::team)
                        .toList();
        exchange.json(200, teams);
    }

    private static Map<String, Object> team(Accounts.Account account) {
        Map<String, Object> team = new LinkedHashMap<>();
        team.put("nickname", account.nickname());
        team.put("full_name", account.fullName());
        team.put("user_id", account.userId());
        team.put("is_personal", account.personal());
        team.put("is_org", !account.personal());
        team.put("lock_reason", tools.jackson.databind.node.NullNode.getInstance());
        return team;
    }

    private Accounts.Account known(String nickname) {
        return accounts.find(nickname)
                .orElseThrow(() ->
                        new Refusal(
                                Refusal.Kind.NOT_FOUND,
                                "account '%s' not found".formatted(nickname)));
    }
}
