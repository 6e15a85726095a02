package mews.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mews.base.Hashes;
import mews.base.Json;
import mews.base.Seal;
import mews.model.AppName;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Tokens that a page in a browser calls with, made for those who have a key: they name apps and
/// end soon. In the shape of a JWT; the signature is the sealed hash of the rest, so that nothing
/// need be kept. Thread-safe, never blocks. protocol: data 11.2
public final class CallTokens {
    public static final Duration LONGEST = Duration.ofHours(1);

    private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();
    private static final String HEADER = "{\"alg\":\"sealed\",\"typ\":\"JWT\"}";

    /// What a token allows.
    ///
    /// @param account that calls
    /// @param apps each an alias, `owner/alias`, or `owner/alias/path`
    public record Grant(String account, List<String> apps) {
        public Grant {
            apps = List.copyOf(apps);
        }

        /// @param path of the request, a family's prefix before it or not
        public boolean allows(AppName app, String path) {
            return apps.stream().anyMatch(entry -> allows(entry, app, path));
        }

        private static boolean allows(String entry, AppName app, String path) {
            String[] parts = entry.split("/", 3);
            if (parts.length == 1) {
                return entry.equals(app.alias());
            }
            if (!parts[0].equals(app.owner()) || !parts[1].equals(app.alias())) {
                return false;
            }
            int at = path.indexOf("/" + parts[0] + "/" + parts[1]);
            String rest = path.substring(at + parts[0].length() + parts[1].length() + 2);
            return parts.length == 2 || (at >= 0 && (rest + "/").startsWith("/" + parts[2] + "/"));
        }
    }

    private final Seal seal;
    private final InstantSource clock;

    public CallTokens(Seal seal, InstantSource clock) {
        this.seal = seal;
        this.clock = clock;
    }

    /// @param apps as in `Grant`
    /// @param lifetime at most `LONGEST`
    public String issue(String account, List<String> apps, Duration lifetime) {
        Instant now = clock.instant();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", "mews");
        claims.put("sub", account);
        claims.put("apps", apps);
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.plus(lifetime).getEpochSecond());
        String said = encoded(HEADER) + "." + encoded(Json.write(claims));
        return said + "." + TEXT.encodeToString(seal.seal(mark(said)));
    }

    /// @return empty if it is none of this server's, or its time is over
    public Optional<Grant> check(String token) {
        int end = token.lastIndexOf('.');
        int middle = token.indexOf('.');
        if (middle < 0 || middle == end) {
            return Optional.empty();
        }
        try {
            byte[] signature = seal.open(Base64.getUrlDecoder().decode(token.substring(end + 1)));
            if (!MessageDigest.isEqual(signature, mark(token.substring(0, end)))) {
                return Optional.empty();
            }
            byte[] claims = Base64.getUrlDecoder().decode(token.substring(middle + 1, end));
            return grant(Json.MAPPER.readTree(new String(claims, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException | IllegalStateException | JacksonException e) {
            return Optional.empty();
        }
    }

    private Optional<Grant> grant(JsonNode claims) {
        Instant end = Instant.ofEpochSecond(claims.path("exp").asLong());
        List<String> apps = new ArrayList<>();
        claims.path("apps").forEach(app -> apps.add(app.asString()));
        return clock.instant().isBefore(end)
                ? Optional.of(new Grant(claims.path("sub").asString(), apps))
                : Optional.empty();
    }

    /// What is sealed says what it is for, so that nothing else that this server seals passes.
    private static byte[] mark(String said) {
        return ("call " + Hashes.sha256Hex(said)).getBytes(StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return TEXT.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
