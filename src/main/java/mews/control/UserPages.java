package mews.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import mews.account.Accounts;
import mews.account.Teams;
import mews.control.Router.Access;
import mews.model.Caller;
import mews.model.Refusal;

/// Who one is. protocol: control 3.6
final class UserPages {
    private final Accounts accounts;
    private final Teams teams;

    UserPages(Accounts accounts, Teams teams) {
        this.accounts = accounts;
        this.teams = teams;
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
        if (!account.personal()) {
            user.put(
                    "members",
                    teams.members(account.nickname()).stream().map(this::member).toList());
        }
        exchange.json(200, user);
    }

    private Map<String, Object> member(Teams.Member member) {
        Accounts.Account user = known(member.user());
        return Map.of(
                "auth_id", user.userId(),
                "nickname", user.nickname(),
                "full_name", user.fullName(),
                "is_owner", member.role() == Teams.Role.ADMIN,
                "team_role", member.role().wire());
    }

    /// The user's own account and the teams that it may act for; of a team's key the team alone.
    private void teams(Exchange exchange) {
        Caller caller = exchange.caller();
        Stream<Accounts.Account> more =
                caller.account().equals(caller.user())
                        ? teams.of(caller.user()).stream()
                        : Stream.of(known(caller.account()));
        exchange.json(
                200,
                Stream.concat(Stream.of(known(caller.user())), more).map(UserPages::team).toList());
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
