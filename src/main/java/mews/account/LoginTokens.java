package mews.account;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import mews.base.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Login tokens: keys in the shape of a JWT, because fal's command line reads when a token ends.
/// What would be the signature is the key's secret, looked up like any key's: so a token can be
/// listed and revoked, and no key for signing needs to be kept. protocol: control 1.2
public final class LoginTokens {
    private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();
    private static final String HEADER = "{\"alg\":\"none\",\"typ\":\"JWT\"}";

    private LoginTokens() {}

    /// @param user whom it logs in
    public static String text(Keys.NewKey key, Accounts.Account user, Instant from, Instant until) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", "mews");
        claims.put("sub", user.userId());
        claims.put("nickname", user.nickname());
        claims.put("jti", key.id());
        claims.put("iat", from.getEpochSecond());
        claims.put("exp", until.getEpochSecond());
        return encoded(HEADER) + "." + encoded(Json.write(claims)) + "." + key.secret();
    }

    /// @return the key in it as `id:secret`, or null if it is no such token
    public static @Nullable String key(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return null;
        }
        try {
            JsonNode claims =
                    Json.MAPPER.readTree(
                            new String(
                                    Base64.getUrlDecoder().decode(parts[1]),
                                    StandardCharsets.UTF_8));
            String id = claims.path("jti").asString("");
            return id.isEmpty() ? null : id + ":" + parts[2];
        } catch (IllegalArgumentException | JacksonException e) {
            return null;
        }
    }

    private static String encoded(String text) {
        return TEXT.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
