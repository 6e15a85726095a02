package mews.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.control.Router.Access;
import mews.model.Refusal;
import mews.storage.AppFiles;
import mews.storage.Blobs;
import mews.storage.Parts;
import tools.jackson.databind.JsonNode;

/// Files that travel with apps. protocol: control 4.5
final class AppFilePages {
    private static final int MOST_HASHES = 100_000;

    private final Blobs blobs;
    private final AppFiles files;
    private final Parts parts;

    AppFilePages(Blobs blobs, AppFiles files, Parts parts) {
        this.blobs = blobs;
        this.files = files;
        this.parts = parts;
    }

    void routes(Router router) {
        String upload = "/files/app/multipart/{hash}/{upload}";
        router.on("POST", "/files/missing_hashes", Access.ADMIN, this::missing)
                .on("POST", "/files/app/multipart/{hash}/initiate", Access.ADMIN, this::initiate)
                .on("POST", upload + "/complete", Access.ADMIN, this::complete)
                .on("POST", upload + "/cancel", Access.ADMIN, this::cancel)
                .on("PUT", upload + "/{number}", Access.ADMIN, this::put);
    }

    private void missing(Exchange exchange) throws IOException {
        JsonNode asked = exchange.json().path("hashes");
        if (!asked.isArray() || asked.size() > MOST_HASHES) {
            throw Exchange.invalid("'hashes' must be a list of at most %d".formatted(MOST_HASHES));
        }
        List<String> hashes = new ArrayList<>();
        for (JsonNode hash : asked) {
            hashes.add(hash(hash.asString("")));
        }
        exchange.json(200, blobs.missing(hashes));
    }

    private void initiate(Exchange exchange) throws IOException {
        exchange.json(200, Map.of("upload_id", files.begin(hash(exchange.part("hash")))));
    }

    private void put(Exchange exchange) throws IOException {
        putPart(exchange, parts, exchange.part("upload"));
    }

    /// One part as a form; the client sends back the number it is told.
    static void putPart(Exchange exchange, Parts parts, String upload) throws IOException {
        int number = StoragePages.partNumber(exchange.part("number"));
        try (FormFile content =
                FormFile.open(exchange.body(), exchange.header("Content-Type"), "file_upload")) {
            Parts.Part part = parts.put(upload, number, content);
            exchange.json(200, Map.of("part_number", part.number(), "etag", part.etag()));
        }
    }

    private void complete(Exchange exchange) throws IOException {
        JsonNode asked = exchange.json();
        String mode = asked.path("metadata").path("mode").asString("");
        if (!mode.matches("\\d{1,7}")) {
            throw Exchange.invalid("metadata needs 'mode', a decimal st_mode as text");
        }
        files.complete(hash(exchange.part("hash")), mode, exchange.part("upload"), numbers(asked));
        // An etag would have to be the MD5 of the whole file; the hash says more.
        exchange.json(200, Map.of("etag", ""));
    }

    static List<Integer> numbers(JsonNode asked) {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode part : asked.path("parts")) {
            if (!part.path("part_number").isIntegralNumber()) {
                throw Exchange.invalid("every part needs an integer 'part_number'");
            }
            numbers.add(part.path("part_number").intValue());
        }
        return numbers;
    }

    private void cancel(Exchange exchange) throws IOException {
        parts.cancel(exchange.part("upload"));
        exchange.json(200, Map.of());
    }

    private static String hash(String text) {
        if (!text.matches("[0-9a-f]{64}")) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "'%s' is not a hash: 64 hexadecimal digits".formatted(text));
        }
        return text;
    }
}
