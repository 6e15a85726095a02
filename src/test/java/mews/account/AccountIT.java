package mews.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import mews.base.Seal;
import mews.model.KeyScope;
import mews.model.Refusal;
import mews.sql.Database;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AccountIT {
    private static final Database DATABASE = TestDatabase.fresh();
    private static final InstantSource CLOCK = InstantSource.system();
    private static final AccountTable ACCOUNTS = new AccountTable(DATABASE, CLOCK);
    private static final SealedSecrets SECRETS =
            new SealedSecrets(DATABASE, new Seal(new byte[32]), CLOCK);

    @BeforeAll
    static void first() {
        ACCOUNTS.ensureFirst();
        ACCOUNTS.ensureFirst();
        ACCOUNTS.onEnvironmentGone(SECRETS::forget);
    }

    @AfterAll
    static void close() {
        DATABASE.close();
    }

    @Test
    void anAccountComesWithItsMainEnvironment() {
        assertThat(ACCOUNTS.find("local").orElseThrow().userId()).startsWith("local|");
        assertThat(ACCOUNTS.environments("local").getFirst().name()).isEqualTo("main");
        assertThat(ACCOUNTS.environments("local").getFirst().isDefault()).isTrue();
    }

    @Test
    void refusesNicknamesThatNobodyCouldReach() {
        for (String name : List.of("", "-a", "Ada", "a".repeat(40), "queue", "v1", "local")) {
            assertThatThrownBy(() -> ACCOUNTS.create(name, "", true))
                    .as(name)
                    .isInstanceOf(Refusal.class);
        }
    }

    @Test
    void anEnvironmentTakesItsSecretsAlong() {
        ACCOUNTS.createEnvironment("local", "staging", "for tests");
        SECRETS.set("local", "staging", "TOKEN", "value", null);
        ACCOUNTS.deleteEnvironment("local", "staging");

        assertThat(SECRETS.find("local", "staging", "TOKEN")).isEmpty();
        assertThatThrownBy(() -> ACCOUNTS.deleteEnvironment("local", "main"))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> ACCOUNTS.deleteEnvironment("local", "nowhere"))
                .hasMessageContaining("no environment 'nowhere'");
    }

    @Test
    void aRunnerGetsSecretsAsTheyAreNow() {
        ACCOUNTS.createEnvironment("local", "changing", "for tests");
        assertThat(SECRETS.forRunner("local", "changing", null)).isEmpty();
        SECRETS.set("local", "changing", "TOKEN", "old", null);
        assertThat(SECRETS.forRunner("local", "changing", null)).containsValue("old");
        SECRETS.set("local", "changing", "TOKEN", "new", null);
        SECRETS.sealAgain();
        assertThat(SECRETS.forRunner("local", "changing", null)).containsValue("new");
        SECRETS.unset("local", "changing", "TOKEN");
        assertThat(SECRETS.forRunner("local", "changing", null)).isEmpty();

        SECRETS.set("local", "changing", "TOKEN", "left", null);
        assertThat(SECRETS.forRunner("local", "changing", null)).containsValue("left");
        ACCOUNTS.deleteEnvironment("local", "changing");
        assertThat(SECRETS.forRunner("local", "changing", null)).isEmpty();
    }

    @Test
    void aKeyWorksUntilItIsRevokedAndOverARestart() {
        Keys keys = new KeyRing(DATABASE, CLOCK);
        Keys.NewKey key = keys.create("local", KeyScope.ADMIN, "mine");
        Keys restarted = new KeyRing(DATABASE, CLOCK);

        assertThat(restarted.authenticate(key.id(), key.secret()))
                .extracting(caller -> caller == null ? null : caller.scope())
                .isEqualTo(KeyScope.ADMIN);
        assertThat(keys.authenticate(key.id(), key.secret() + "x")).isNull();
        assertThat(keys.authenticate("unknown", key.secret())).isNull();
        assertThat(keys.revoke("other", key.id())).isFalse();
        assertThat(keys.revoke("local", key.id())).isTrue();
        assertThat(keys.authenticate(key.id(), key.secret())).isNull();
    }

    @Test
    void noSecretHalfOfAKeyIsInTheDatabase() {
        Keys.NewKey key = new KeyRing(DATABASE, CLOCK).create("local", KeyScope.API, "");
        assertThat(DATABASE.list("SELECT api_key::text FROM api_key", (row, _) -> row.getString(1)))
                .noneMatch(row -> row.contains(key.secret()));
    }

    @Test
    void aRunnersKeyIsNeitherListedNorKept() {
        KeyRing keys = new KeyRing(DATABASE, CLOCK);
        Keys.NewKey key = keys.issueToRunner("local");

        assertThat(keys.authenticate(key.id(), key.secret())).isNotNull();
        assertThat(keys.list("local")).noneMatch(info -> info.id().equals(key.id()));
        assertThat(new KeyRing(DATABASE, CLOCK).authenticate(key.id(), key.secret())).isNull();
        keys.revokeRunnerKey(key.id());
        assertThat(keys.authenticate(key.id(), key.secret())).isNull();
    }

    @Test
    void runnersGetWhatTheyNameOrAllThatIsExposed() {
        ACCOUNTS.createEnvironment("local", "exposure", "");
        SECRETS.set("local", "exposure", "SHOWN", "1", null);
        SECRETS.set("local", "exposure", "HIDDEN", "2", false);
        SECRETS.set("local", "exposure", "HIDDEN", "3", null);

        assertThat(SECRETS.forRunner("local", "exposure", null)).isEqualTo(Map.of("SHOWN", "1"));
        assertThat(SECRETS.forRunner("local", "exposure", List.of("HIDDEN")))
                .isEqualTo(Map.of("HIDDEN", "3"));
        assertThat(SECRETS.forRunner("local", "exposure", List.of())).isEmpty();
        assertThatThrownBy(() -> SECRETS.forRunner("local", "exposure", List.of("NONE", "SHOWN")))
                .hasMessageContaining("[NONE]");
        assertThat(SECRETS.list("local", "exposure"))
                .extracting(Secrets.SecretInfo::name)
                .containsExactly("HIDDEN", "SHOWN");
    }

    /// protocol: platform 9
    @Test
    void nothingFallsBackToTheMainEnvironment() {
        ACCOUNTS.createEnvironment("local", "bare", "");
        SECRETS.set("local", "main", "ONLY_MAIN", "1", true);

        assertThat(SECRETS.forRunner("local", "bare", null)).isEmpty();
        assertThatThrownBy(() -> SECRETS.forRunner("local", "bare", List.of("ONLY_MAIN")))
                .hasMessageContaining("[ONLY_MAIN]");
        assertThat(SECRETS.find("local", "bare", "ONLY_MAIN")).isEmpty();
        assertThat(SECRETS.forRunner("local", "main", List.of("ONLY_MAIN"))).hasSize(1);
    }

    @Test
    void secretsAreSealedInTheDatabase() {
        SECRETS.set("local", "main", "PASSWORD", "correct horse battery", null);
        byte[] sealed =
                DATABASE.first(
                                "SELECT sealed FROM secret WHERE name = 'PASSWORD'",
                                (row, _) -> row.getBytes(1))
                        .orElseThrow();
        assertThat(new String(sealed, java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("horse");
        assertThat(SECRETS.find("local", "main", "PASSWORD")).contains("correct horse battery");
        assertThat(SECRETS.unset("local", "main", "PASSWORD")).isTrue();
        assertThat(SECRETS.unset("local", "main", "PASSWORD")).isFalse();
    }

    @Test
    void aSecretNeedsAVariablesNameAndAKnownEnvironment() {
        assertThatThrownBy(() -> SECRETS.set("local", "main", "1A", "", null))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> SECRETS.set("local", "nowhere", "A", "", null))
                .hasMessageContaining("no environment 'nowhere'");
    }
}
