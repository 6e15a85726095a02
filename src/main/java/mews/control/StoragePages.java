package mews.control;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.control.Router.Access;
import mews.model.Refusal;
import mews.storage.Parts;
import mews.storage.Uploads;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Files that callers and command lines hand over and get a URL for. protocol: control 3.7, data
/// 12.1
final class StoragePages {
    private final Uploads uploads;
    private final CdnTokens tokens;
    private final Credentials credentials;
    private final String base;

    /// @param base scheme and authority that URLs begin with
    StoragePages(Uploads uploads, CdnTokens tokens, Credentials credentials, String base) {
        this.uploads = uploads;
        this.tokens = tokens;
        this.credentials = credentials;
        this.base = base;
    }

    void routes(Router router) {
        String write = Uploads.WRITE + "{key}";
        String file = Uploads.READ + "{id}/{name}";
        router.on("POST", "/storage/upload/initiate", Access.ANYONE, this::initiate)
                .on("POST", "/storage/upload/initiate-multipart", Access.ANYONE, this::initiate)
                .on("PUT", write, Access.ANYONE, this::put)
                .on("POST", write + "/complete", Access.ANYONE, this::complete)
                .on("PUT", write + "/{number}", Access.ANYONE, this::putPart)
                .on("POST", write + "/{number}", Access.ANYONE, this::partUrl)
                .on("GET", file, Access.ANYONE, this::get)
                .on("PUT", file + "/multipart/{key}/{number}", Access.ANYONE, this::putPart)
                .on("POST", file + "/multipart/{key}/complete", Access.ANYONE, this::complete)
                .on("POST", "/storage/auth/token", Access.KEY, this::token)
                .on("POST", "/storage/cdn/files/upload", Access.ANYONE, this::upload)
                .on("POST", "/storage/cdn/files/upload/multipart", Access.ANYONE, this::multipart);
    }

    private void initiate(Exchange exchange) throws IOException {
        String account = account(exchange);
        JsonNode asked = exchange.json();
        String name = asked.path("file_name").asString("file");
        String type = asked.path("content_type").asString("application/octet-stream");
        Uploads.Announced file = uploads.initiate(account, name, type, lifetime(exchange));
        exchange.json(
                200,
                Map.of("file_url", base + file.readPath(), "upload_url", base + file.writePath()));
    }

    private void put(Exchange exchange) throws IOException {
        Uploads.Stored stored = uploads.put(exchange.part("key"), exchange.body());
        exchange.json(200, Map.of(), quoted(stored.sha256()));
    }

    private void putPart(Exchange exchange) throws IOException {
        Parts.Part part = uploads.putPart(exchange.part("key"), number(exchange), exchange.body());
        exchange.json(
                200, Map.of("partNumber", part.number(), "etag", part.etag()), quoted(part.etag()));
    }

    /// Some clients ask where to put each part: to the same place.
    private void partUrl(Exchange exchange) {
        String url = base + Uploads.WRITE + exchange.part("key") + "/" + number(exchange);
        exchange.json(200, Map.of("upload_url", url));
    }

    private void complete(Exchange exchange) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode part : exchange.json().path("parts")) {
            JsonNode number =
                    part.has("partNumber") ? part.get("partNumber") : part.path("part_number");
            if (!number.isIntegralNumber()) {
                throw Exchange.invalid("every part needs an integer 'partNumber'");
            }
            numbers.add(number.intValue());
        }
        Uploads.Stored stored = uploads.complete(exchange.part("key"), numbers);
        exchange.json(200, Map.of("etag", stored.sha256()), quoted(stored.sha256()));
    }

    private void get(Exchange exchange) throws IOException {
        Uploads.Stored stored =
                uploads.find(exchange.part("id"), exchange.part("name"))
                        .orElseThrow(() ->
                                new Refusal(
                                        Refusal.Kind.NOT_FOUND,
                                        "there is no such file, or its time is over"));
        exchange.file(stored.file(), stored.contentType());
    }

    private void token(Exchange exchange) throws IOException {
        JsonNode asked = exchange.json().path("expiration_seconds");
        Duration wished =
                asked.isIntegralNumber()
                        ? Duration.ofSeconds(asked.longValue())
                        : CdnTokens.LONGEST;
        boolean fits = wished.isPositive() && wished.compareTo(CdnTokens.LONGEST) <= 0;
        CdnTokens.Token token =
                tokens.issue(exchange.caller().account(), fits ? wished : CdnTokens.LONGEST);
        exchange.json(
                200,
                Map.of(
                        "token",
                        token.text(),
                        "token_type",
                        "Bearer",
                        "base_url",
                        base + "/storage/cdn",
                        "expires_at",
                        Times.text(token.expiresAt())));
    }

    private void upload(Exchange exchange) throws IOException {
        Uploads.Announced file = announced(exchange);
        try (InputStream content = exchange.body()) {
            uploads.put(file.writeKey(), content);
        }
        exchange.json(200, Map.of("access_url", base + file.readPath()));
    }

    private void multipart(Exchange exchange) throws IOException {
        Uploads.Announced file = announced(exchange);
        exchange.json(
                200, Map.of("access_url", base + file.readPath(), "uploadId", file.writeKey()));
    }

    private Uploads.Announced announced(Exchange exchange) throws IOException {
        String name = exchange.header("X-Fal-File-Name");
        String type = exchange.header("Content-Type");
        return uploads.initiate(
                account(exchange),
                name == null ? "file" : name,
                type == null ? "application/octet-stream" : type,
                lifetime(exchange));
    }

    /// Of the key, or of an upload token in either of its places.
    private String account(Exchange exchange) {
        String header = exchange.header("Authorization");
        String text = header == null ? exchange.header("X-Fal-CDN-Token") : header;
        if (text != null) {
            String account = tokens.account(text.substring(text.indexOf(' ') + 1).strip());
            if (account != null) {
                return account;
            }
        }
        return credentials.any(exchange.sent()).account();
    }

    /// @return null = for good
    private static @Nullable Duration lifetime(Exchange exchange) {
        String header = exchange.header("X-Fal-Object-Lifecycle");
        String text =
                header == null ? exchange.header("X-Fal-Object-Lifecycle-Preference") : header;
        if (text == null) {
            return null;
        }
        JsonNode seconds;
        try {
            seconds = Json.MAPPER.readTree(text).path("expiration_duration_seconds");
        } catch (JacksonException e) {
            throw Exchange.invalid("X-Fal-Object-Lifecycle is not JSON");
        }
        return seconds.isIntegralNumber() && seconds.longValue() > 0
                ? Duration.ofSeconds(
                        Math.min(seconds.longValue(), Duration.ofDays(36_500).toSeconds()))
                : null;
    }

    private static int number(Exchange exchange) {
        return partNumber(exchange.part("number"));
    }

    static int partNumber(String text) {
        if (!text.matches("\\d{1,6}")) {
            throw Exchange.invalid("part number '%s' is not a number".formatted(text));
        }
        return Integer.parseInt(text);
    }

    private static String quoted(String etag) {
        return "\"" + etag + "\"";
    }
}
