package mews.control;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Home;
import mews.control.Router.Access;
import mews.storage.Parts;
import tools.jackson.databind.JsonNode;

/// `/data` of the caller's account. protocol: control 3.4
final class DataPages {
    private final Home home;
    private final Parts parts;
    private final Downloads downloads;

    DataPages(Home home, Parts parts, Downloads downloads) {
        this.home = home;
        this.parts = parts;
        this.downloads = downloads;
    }

    void routes(Router router) {
        String part = "/files/file/multipart/{path...}/{upload}";
        router.on("GET", "/files/list", Access.ADMIN, exchange -> list(exchange, ""))
                .on(
                        "GET",
                        "/files/list/{path...}",
                        Access.ADMIN,
                        exchange -> list(exchange, exchange.part("path")))
                .on(
                        "POST",
                        "/files/file/multipart/{path...}/initiate",
                        Access.ADMIN,
                        this::initiate)
                .on("POST", part + "/complete", Access.ADMIN, this::complete)
                .on("POST", part + "/cancel", Access.ADMIN, this::cancel)
                .on("PUT", part + "/{number}", Access.ADMIN, this::putPart)
                .on("POST", "/files/file/local/{path...}", Access.ADMIN, this::upload)
                .on("POST", "/files/file/url/{path...}", Access.ADMIN, this::download)
                .on("GET", "/files/file/{path...}", Access.ADMIN, this::read)
                .on("DELETE", "/files/file/{path...}", Access.ADMIN, this::delete)
                .on("POST", "/files/rename/{path...}", Access.ADMIN, this::rename)
                .on("POST", "/files/dir/check_hash/{path...}", Access.ADMIN, this::checkHash);
    }

    private void list(Exchange exchange, String path) throws IOException {
        List<Map<String, Object>> entries =
                folder(exchange).list(path).stream().map(DataPages::json).toList();
        exchange.json(200, entries);
    }

    private static Map<String, Object> json(DataFolder.Entry entry) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", entry.path());
        json.put("size", entry.size());
        json.put("is_file", entry.isFile());
        json.put("updated_time", entry.updated());
        return json;
    }

    private void read(Exchange exchange) throws IOException {
        exchange.file(folder(exchange).file(exchange.part("path")), "application/octet-stream");
    }

    private void upload(Exchange exchange) throws IOException {
        boolean unzip = "true".equals(exchange.query("unzip"));
        try (InputStream content =
                FormFile.open(exchange.body(), exchange.header("Content-Type"), "file_upload")) {
            if (unzip) {
                folder(exchange).unzip(exchange.part("path"), content);
            } else {
                folder(exchange).write(exchange.part("path"), content);
            }
        }
        exchange.json(200, true);
    }

    private void download(Exchange exchange) throws IOException {
        String url = exchange.json().path("url").asString("");
        try (InputStream content = downloads.open(url)) {
            folder(exchange).write(exchange.part("path"), content);
        }
        exchange.json(200, true);
    }

    private void delete(Exchange exchange) throws IOException {
        folder(exchange).delete(exchange.part("path"));
        exchange.json(200, true);
    }

    private void rename(Exchange exchange) throws IOException {
        JsonNode destination = exchange.json().path("destination");
        if (!destination.isString()) {
            throw Exchange.invalid("'destination' is missing: the new absolute path");
        }
        folder(exchange).rename(exchange.part("path"), destination.stringValue());
        exchange.json(200, true);
    }

    private void checkHash(Exchange exchange) throws IOException {
        String hash = exchange.json().path("hash").asString("");
        exchange.json(200, folder(exchange).hasHash(exchange.part("path"), hash));
    }

    private void initiate(Exchange exchange) throws IOException {
        exchange.json(200, Map.of("upload_id", parts.begin()));
    }

    private void putPart(Exchange exchange) throws IOException {
        AppFilePages.putPart(exchange, parts, exchange.part("upload"));
    }

    /// The client compares the etag with the MD5 of what it sent.
    private void complete(Exchange exchange) throws IOException {
        Path whole = parts.assemble(exchange.part("upload"), AppFilePages.numbers(exchange.json()));
        try {
            String etag = md5(whole);
            folder(exchange).take(exchange.part("path"), whole);
            exchange.json(200, Map.of("etag", etag));
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    private void cancel(Exchange exchange) throws IOException {
        parts.cancel(exchange.part("upload"));
        exchange.json(200, Map.of());
    }

    private DataFolder folder(Exchange exchange) throws IOException {
        return new DataFolder(home.data(exchange.caller().account()));
    }

    private static String md5(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            byte[] buffer = new byte[64 * 1024];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
