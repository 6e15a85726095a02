package mews.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import mews.base.Json;
import mews.project.AppFiles;
import tools.jackson.databind.JsonNode;

/// Sends what an app needs from this machine: its files, by content, and packages built here.
final class Uploader {
    /// protocol: control 3.4
    private static final int PART_BYTES = 10 * 1024 * 1024;

    /// Packages are for the build alone, which keeps what it made of them.
    private static final String LIFECYCLE = "{\"expiration_duration_seconds\": 3600}";

    private static final String BOUNDARY = "mews-part-boundary";

    private final Rest rest;
    private final Progress progress;

    Uploader(Rest rest, Progress progress) {
        this.rest = rest;
        this.progress = progress;
    }

    /// Sends the files that the server does not have. protocol: control 4.5
    void sync(List<AppFiles.Entry> files) throws IOException {
        if (files.isEmpty()) {
            return;
        }
        Set<String> hashes = new HashSet<>();
        files.forEach(file -> hashes.add(file.hash()));
        JsonNode answer = rest.json(rest.post("/files/missing_hashes", Map.of("hashes", hashes)));
        Set<String> missing = new HashSet<>();
        answer.forEach(hash -> missing.add(hash.asString()));
        List<AppFiles.Entry> wanted =
                files.stream().filter(file -> missing.remove(file.hash())).toList();
        if (wanted.isEmpty()) {
            return;
        }
        progress.step("sending " + said(wanted));
        for (AppFiles.Entry file : wanted) {
            send(file);
        }
    }

    private static String said(List<AppFiles.Entry> files) {
        long bytes = files.stream().mapToLong(AppFiles.Entry::size).sum();
        return files.size() == 1
                ? files.getFirst().relativePath()
                : String.format(Locale.ROOT, "%d files (%.1f kB)", files.size(), bytes / 1e3);
    }

    private void send(AppFiles.Entry file) throws IOException {
        String place = "/files/app/multipart/" + file.hash();
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("size", String.valueOf(file.size()));
        metadata.put("mtime", String.valueOf(file.modified()));
        metadata.put("mode", String.valueOf(file.mode()));
        metadata.put("hash", file.hash());
        Rest.Answer begun = rest.post(place + "/initiate", metadata);
        if (alreadyThere(begun)) {
            return;
        }
        String upload = place + "/" + rest.json(begun).path("upload_id").asString();
        List<Map<String, Object>> parts = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file.file())) {
            byte[] part = in.readNBytes(PART_BYTES);
            // An empty file is one empty part.
            do {
                Rest.Answer sent = sendPart(upload + "/" + (parts.size() + 1), part);
                if (alreadyThere(sent)) {
                    return;
                }
                JsonNode told = rest.json(sent);
                parts.add(
                        Map.of(
                                "part_number", told.path("part_number").asInt(parts.size() + 1),
                                "etag", told.path("etag").asString("")));
                part = in.readNBytes(PART_BYTES);
            } while (part.length > 0);
        }
        Rest.Answer completed =
                rest.post(upload + "/complete", Map.of("parts", parts, "metadata", metadata));
        if (!alreadyThere(completed)) {
            rest.json(completed);
        }
    }

    private Rest.Answer sendPart(String path, byte[] part) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(part.length + 256);
        body.writeBytes(
                ("--"
                                + BOUNDARY
                                + "\r\n"
                                + "Content-Disposition: form-data; name=\"file_upload\"; filename=\"chunk\"\r\n"
                                + "Content-Type: application/octet-stream\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(part);
        body.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return rest.send(
                "PUT",
                path,
                body.toByteArray(),
                Map.of("Content-Type", "multipart/form-data; boundary=" + BOUNDARY));
    }

    /// 409 anywhere: somebody else sent the same content meanwhile.
    private static boolean alreadyThere(Rest.Answer answer) {
        if (answer.status() != HttpURLConnection.HTTP_CONFLICT) {
            return false;
        }
        answer.close();
        return true;
    }

    /// Sends a package that was built here. protocol: control 3.7, 4.4
    ///
    /// @return the address from which the server's builder fetches it
    String sendPackage(Path archive, String name) throws IOException {
        progress.step("sending " + name);
        JsonNode place =
                rest.json(
                        rest.send(
                                "POST",
                                "/storage/upload/initiate?storage_type=fal-cdn-v3",
                                Json.write(
                                                Map.of(
                                                        "file_name",
                                                        name,
                                                        "content_type",
                                                        "application/octet-stream"))
                                        .getBytes(StandardCharsets.UTF_8),
                                Map.of(
                                        "Content-Type", Rest.JSON,
                                        "X-Fal-Object-Lifecycle", LIFECYCLE,
                                        "X-Fal-Object-Lifecycle-Preference", LIFECYCLE)));
        HttpURLConnection connection =
                rest.open(
                        "PUT",
                        place.path("upload_url").asString(),
                        Map.of("Content-Type", "application/octet-stream"));
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(Files.size(archive));
        try (OutputStream out = connection.getOutputStream()) {
            Files.copy(archive, out);
        }
        rest.json(Rest.answer(connection));
        return place.path("file_url").asString();
    }
}
