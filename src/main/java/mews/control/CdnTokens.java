package mews.control;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import mews.base.Seal;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Tokens to upload with, made for those who have a key: account and end, sealed, so that nothing
/// need be kept. protocol: data 12.1
final class CdnTokens {
    static final Duration LONGEST = Duration.ofDays(30);

    record Token(String text, Instant expiresAt) {}

    private final Seal seal;
    private final InstantSource clock;

    CdnTokens(Seal seal, InstantSource clock) {
        this.seal = seal;
        this.clock = clock;
    }

    Token issue(String account, Duration lifetime) {
        Instant end = clock.instant().plus(lifetime);
        byte[] plain =
                ("cdn " + account + " " + end.getEpochSecond()).getBytes(StandardCharsets.UTF_8);
        return new Token(
                Base64.getUrlEncoder().withoutPadding().encodeToString(seal.seal(plain)), end);
    }

    /// @return the account, or null if it is not a token of ours
    /// @throws Refusal if its time is over
    @Nullable String account(String text) {
        String[] words;
        try {
            byte[] plain = seal.open(Base64.getUrlDecoder().decode(text));
            words = new String(plain, StandardCharsets.UTF_8).split(" ");
        } catch (IllegalArgumentException | IllegalStateException e) {
            return null;
        }
        if (words.length != 3 || !words[0].equals("cdn")) {
            return null;
        }
        if (!clock.instant().isBefore(Instant.ofEpochSecond(Long.parseLong(words[2])))) {
            throw new Refusal(
                    Refusal.Kind.UNAUTHENTICATED,
                    "the upload token is over; ask /storage/auth/token for another");
        }
        return words[1];
    }
}
