package mews.control;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import mews.account.AccountTable;
import mews.account.Accounts;
import mews.account.Keys;
import mews.account.LoginTokens;
import mews.account.Teams;
import mews.control.Router.Access;
import mews.model.Caller;
import mews.model.KeyScope;
import mews.model.Refusal;
import tools.jackson.databind.JsonNode;

/// Users, teams and logins: what fal has a website for. The server's first account makes users; any
/// user makes teams, and a team's admins say who is in it. protocol: choices 2
final class TeamPages {
    private static final Duration LOGIN = Duration.ofDays(365);

    private final Accounts accounts;
    private final Keys keys;
    private final Teams teams;
    private final InstantSource clock;

    TeamPages(ControlRooms rooms) {
        this.accounts = rooms.accounts();
        this.keys = rooms.keys();
        this.teams = rooms.teams();
        this.clock = rooms.clock();
    }

    void routes(Router router) {
        String members = "/v1/mews/teams/{team}/members";
        router.on("POST", "/v1/mews/login", Access.ADMIN, this::login)
                .on("GET", "/v1/mews/users", Access.ADMIN, this::users)
                .on("POST", "/v1/mews/users", Access.ADMIN, this::createUser)
                .on("POST", "/v1/mews/teams", Access.ADMIN, this::createTeam)
                .on("GET", members, Access.KEY, this::members)
                .on("PUT", members + "/{user}", Access.ADMIN, this::admit)
                .on("DELETE", members + "/{user}", Access.ADMIN, this::remove);
    }

    /// A token of the caller's user, or of any for the server's first account.
    private void login(Exchange exchange) throws IOException {
        Caller caller = exchange.caller();
        mustBePersonal(caller);
        String wished = exchange.json().path("user").asString(caller.user());
        if (!wished.equals(caller.user())) {
            mustOperate(caller);
        }
        Accounts.Account user =
                accounts.find(wished)
                        .filter(Accounts.Account::personal)
                        .orElseThrow(() -> notFound("user", wished));
        Instant now = clock.instant();
        Instant until = now.plus(LOGIN);
        Keys.NewKey key =
                keys.create(new Keys.Wish(wished, wished, KeyScope.ADMIN, "login", until));
        exchange.json(
                200,
                Map.of(
                        "nickname", wished,
                        "key_id", key.id(),
                        "access_token", LoginTokens.text(key, user, now, until),
                        "expires_at", until.toString()));
    }

    private void users(Exchange exchange) {
        mustOperate(exchange.caller());
        exchange.json(
                200,
                accounts.list().stream()
                        .filter(Accounts.Account::personal)
                        .map(TeamPages::account)
                        .toList());
    }

    private void createUser(Exchange exchange) throws IOException {
        mustOperate(exchange.caller());
        JsonNode asked = exchange.json();
        String nickname = asked.path("nickname").asString("");
        Accounts.Account user =
                accounts.create(nickname, asked.path("full_name").asString(nickname), true);
        Keys.NewKey key = keys.create(nickname, KeyScope.ADMIN, "first key");
        exchange.json(
                201,
                Map.of(
                        "nickname", user.nickname(),
                        "full_name", user.fullName(),
                        "user_id", user.userId(),
                        "key", key.text()));
    }

    private void createTeam(Exchange exchange) throws IOException {
        mustBePersonal(exchange.caller());
        JsonNode asked = exchange.json();
        String nickname = asked.path("nickname").asString("");
        String name = asked.path("full_name").asString(nickname);
        exchange.json(201, account(teams.create(nickname, name, exchange.caller().user())));
    }

    private void members(Exchange exchange) {
        String team = exchange.part("team");
        Caller caller = exchange.caller();
        boolean inside = teams.role(team, caller.user()).isPresent();
        if (!inside && !operates(caller)) {
            throw notFound("team", team);
        }
        exchange.json(200, teams.members(team).stream().map(TeamPages::member).toList());
    }

    private void admit(Exchange exchange) throws IOException {
        mustGovern(exchange);
        Teams.Member member =
                new Teams.Member(
                        exchange.part("team"),
                        exchange.part("user"),
                        Teams.Role.of(exchange.json().path("role").asString("developer")));
        teams.set(member);
        exchange.json(200, member(member));
    }

    private void remove(Exchange exchange) {
        mustGovern(exchange);
        if (!teams.remove(exchange.part("team"), exchange.part("user"))) {
            throw notFound("member", exchange.part("user"));
        }
        exchange.json(200, Map.of());
    }

    private void mustGovern(Exchange exchange) {
        String team = exchange.part("team");
        Caller caller = exchange.caller();
        Teams.Role role = teams.role(team, caller.user()).orElse(null);
        if (role == null && !operates(caller)) {
            throw notFound("team", team);
        }
        if (role != Teams.Role.ADMIN && !operates(caller)) {
            throw forbidden("only an admin of team '%s' may change who is in it".formatted(team));
        }
    }

    /// A key of one team must not be a way into its user's other accounts.
    private static void mustBePersonal(Caller caller) {
        if (!caller.account().equals(caller.user())) {
            throw forbidden("this needs a key of a user, and none of a team");
        }
    }

    private static void mustOperate(Caller caller) {
        if (!operates(caller)) {
            throw forbidden(
                    "only a key of the server's first account '%s' may do this"
                            .formatted(AccountTable.FIRST));
        }
    }

    private static boolean operates(Caller caller) {
        return caller.account().equals(AccountTable.FIRST)
                && caller.user().equals(AccountTable.FIRST);
    }

    private static Map<String, Object> account(Accounts.Account account) {
        return Map.of(
                "nickname", account.nickname(),
                "full_name", account.fullName(),
                "user_id", account.userId());
    }

    private static Map<String, Object> member(Teams.Member member) {
        return Map.of("nickname", member.user(), "role", member.role().wire());
    }

    private static Refusal notFound(String what, String name) {
        return new Refusal(Refusal.Kind.NOT_FOUND, "there is no %s '%s'".formatted(what, name));
    }

    private static Refusal forbidden(String message) {
        return new Refusal(Refusal.Kind.FORBIDDEN, message);
    }
}
