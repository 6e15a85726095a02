package mews.account;

import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import mews.model.Caller;
import mews.model.Refusal;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;

/// Accounts that several users act for. All memberships are in memory too: this server is the only
/// one that writes them. Thread-safe; `actFor` does not block.
public final class Teams {
    /// What a member may do. protocol: control 3.6
    public enum Role {
        /// All, members included.
        ADMIN("Admin"),
        /// All but members.
        DEVELOPER("Developer"),
        /// Sees who is in the team.
        BILLING("Billing");

        private final String wire;

        Role(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }

        /// @throws Refusal if there is no such role
        public static Role of(String text) {
            for (Role role : values()) {
                if (role.wire.equalsIgnoreCase(text)) {
                    return role;
                }
            }
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "role '%s' is unknown; it is admin, developer or billing".formatted(text));
        }
    }

    public record Member(String team, String user, Role role) {}

    private final Database database;
    private final Accounts accounts;
    private final Keys keys;
    private final InstantSource clock;

    /// By team and user.
    private final Map<String, Map<String, Role>> members = new ConcurrentHashMap<>();

    public Teams(Database database, Accounts accounts, Keys keys, InstantSource clock) {
        this.database = database;
        this.accounts = accounts;
        this.keys = keys;
        this.clock = clock;
        database.list(
                        "SELECT team, user_name, role FROM member",
                        (row, _) ->
                                new Member(
                                        row.getString("team"),
                                        row.getString("user_name"),
                                        Role.valueOf(row.getString("role"))))
                .forEach(this::remember);
    }

    /// @param founder its first member, who may admit others
    /// @throws Refusal if the nickname is malformed, reserved or taken
    public Accounts.Account create(String nickname, String fullName, String founder) {
        Accounts.Account team = accounts.create(nickname, fullName, false);
        set(new Member(nickname, founder, Role.ADMIN));
        return team;
    }

    /// Teams that a user is in, by nickname.
    public List<Accounts.Account> of(String user) {
        return members.entrySet().stream()
                .filter(team -> team.getValue().containsKey(user))
                .map(Map.Entry::getKey)
                .sorted()
                .flatMap(team -> accounts.find(team).stream())
                .toList();
    }

    public List<Member> members(String team) {
        return members.getOrDefault(team, Map.of()).entrySet().stream()
                .map(each -> new Member(team, each.getKey(), each.getValue()))
                .sorted(Comparator.comparing(Member::user))
                .toList();
    }

    public Optional<Role> role(String team, String user) {
        return Optional.ofNullable(members.getOrDefault(team, Map.of()).get(user));
    }

    /// Admits a user, or gives a member another role.
    ///
    /// @throws Refusal if team or user is unknown, or nobody would be left who may admit others
    public void set(Member member) {
        mustBe(member.team(), false);
        mustBe(member.user(), true);
        if (member.role() != Role.ADMIN) {
            mustNotBeLast(member.team(), member.user());
        }
        database.update(
                """
                INSERT INTO member VALUES (?, ?, ?, ?)
                ON CONFLICT (team, user_name) DO UPDATE SET role = excluded.role
                """,
                member.team(),
                member.user(),
                member.role().name(),
                clock.instant());
        remember(member);
    }

    /// Their keys of the team end too.
    ///
    /// @return false if they were none
    public boolean remove(String team, String user) {
        if (role(team, user).isEmpty()) {
            return false;
        }
        mustNotBeLast(team, user);
        database.update("DELETE FROM member WHERE team = ? AND user_name = ?", team, user);
        members.getOrDefault(team, Map.of()).remove(user);
        keys.revokeAll(team, user);
        return true;
    }

    /// The caller as the account with this user id, which is the caller's own or a team's. A key of
    /// a team acts for that team alone. protocol: control 1.3
    ///
    /// @param userId null or empty: as the key says
    /// @throws Refusal if the user may not act for it
    public Caller actFor(Caller caller, @Nullable String userId) {
        if (userId == null || userId.isEmpty()) {
            return caller;
        }
        Accounts.Account wished = accounts.findByUserId(userId).orElse(null);
        if (wished != null && wished.nickname().equals(caller.account())) {
            return caller;
        }
        boolean own = caller.account().equals(caller.user());
        Role role =
                wished == null || !own ? null : role(wished.nickname(), caller.user()).orElse(null);
        if (wished == null || role == null) {
            throw new Refusal(
                    Refusal.Kind.FORBIDDEN,
                    "this key may not act for the account '%s'; see your teams with 'fal teams list'"
                            .formatted(userId));
        }
        if (role == Role.BILLING) {
            throw new Refusal(
                    Refusal.Kind.FORBIDDEN,
                    "user '%s' has the role Billing in team '%s' and may not act for it"
                            .formatted(caller.user(), wished.nickname()));
        }
        return new Caller(wished.nickname(), caller.user(), caller.keyId(), caller.scope());
    }

    private void remember(Member member) {
        members.computeIfAbsent(member.team(), _ -> new ConcurrentHashMap<>())
                .put(member.user(), member.role());
    }

    private void mustBe(String nickname, boolean personal) {
        if (accounts.find(nickname).filter(each -> each.personal() == personal).isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "there is no %s '%s'".formatted(personal ? "user" : "team", nickname));
        }
    }

    private void mustNotBeLast(String team, String user) {
        boolean others =
                members(team).stream()
                        .anyMatch(each -> each.role() == Role.ADMIN && !each.user().equals(user));
        if (role(team, user).filter(Role.ADMIN::equals).isPresent() && !others) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "'%s' is the last %s of team '%s'; make another member one first"
                            .formatted(user, Role.ADMIN.wire().toLowerCase(Locale.ROOT), team));
        }
    }
}
