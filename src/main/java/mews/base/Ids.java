package mews.base;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.UUID;

/// Names for new things.
public final class Ids {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SLUG = "abcdefghijklmnopqrstuvwxyz0123456789";

    private Ids() {}

    /// A UUIDv7 (RFC 9562 5.7): sorts by time, so that indexes stay dense.
    public static UUID next(InstantSource clock) {
        long millis = clock.millis();
        long high = (millis << 16) | 0x7000 | RANDOM.nextInt(0x1000);
        long low = (RANDOM.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
        return new UUID(high, low);
    }

    /// @return `bytes` random bytes as URL-safe base64 without padding
    public static String token(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /// @return `length` random lower-case letters and digits, fit for an alias
    public static String slug(int length) {
        StringBuilder slug = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            slug.append(SLUG.charAt(RANDOM.nextInt(SLUG.length())));
        }
        return slug.toString();
    }
}
