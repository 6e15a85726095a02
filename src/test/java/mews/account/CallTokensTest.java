package mews.account;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import mews.base.Seal;
import mews.model.AppName;
import org.junit.jupiter.api.Test;

class CallTokensTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final AppName HELLO = new AppName("ada", "hello");

    private final Seal seal = new Seal(new byte[32]);
    private final CallTokens tokens = new CallTokens(seal, () -> NOW);

    @Test
    void allowTheAppsThatTheyName() {
        var grant = tokens.check(token("hello", "bob/other", "ada/third/realtime")).orElseThrow();

        assertThat(grant.account()).isEqualTo("ada");
        assertThat(grant.allows(HELLO, "/ada/hello/realtime")).isTrue();
        assertThat(grant.allows(new AppName("bob", "hello"), "/bob/hello")).isTrue();
        assertThat(grant.allows(new AppName("bob", "other"), "/run/bob/other")).isTrue();
        assertThat(grant.allows(new AppName("ada", "other"), "/ada/other")).isFalse();
    }

    @Test
    void allowThePathThatTheyNameAlone() {
        var grant = tokens.check(token("ada/hello/realtime")).orElseThrow();

        assertThat(grant.allows(HELLO, "/ada/hello/realtime")).isTrue();
        assertThat(grant.allows(HELLO, "/run/ada/hello/realtime/more")).isTrue();
        assertThat(grant.allows(HELLO, "/ada/hello/realtimes")).isFalse();
        assertThat(grant.allows(HELLO, "/ada/hello/x/ada/hello/realtime")).isFalse();
        assertThat(grant.allows(HELLO, "/ada/hello")).isFalse();
    }

    @Test
    void endInTime() {
        String token = token("hello");

        assertThat(new CallTokens(seal, () -> NOW.plusSeconds(119)).check(token)).isPresent();
        assertThat(new CallTokens(seal, () -> NOW.plusSeconds(120)).check(token)).isEmpty();
    }

    @Test
    void areNotTakenWhenAnythingInThemWasChanged() {
        String[] parts = token("hello").split("\\.");
        String wider =
                new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8)
                        .replace("hello", "other");
        String changed =
                Base64.getUrlEncoder().withoutPadding().encodeToString(wider.getBytes(UTF_8));

        assertThat(tokens.check(parts[0] + "." + changed + "." + parts[2])).isEmpty();
        assertThat(
                        new CallTokens(
                                        new Seal(
                                                "another key of thirty-two bytes!".getBytes(UTF_8)),
                                        () -> NOW)
                                .check(token("hello")))
                .isEmpty();
        for (String text :
                List.of("", ".", "..", "a.b.c", parts[0] + "." + parts[1] + ".", "x".repeat(500))) {
            assertThat(tokens.check(text)).as(text).isEmpty();
        }
    }

    private String token(String... apps) {
        return tokens.issue("ada", List.of(apps), Duration.ofSeconds(120));
    }
}
