package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import mews.base.Hashes;
import mews.base.Ids;
import mews.base.Json;
import mews.deploy.Deployer;
import mews.model.AppName;
import mews.model.DeploymentStrategy;
import mews.model.Fact;
import mews.model.LogLine;
import mews.testing.Specs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class RestIT {
    private static final AppName HELLO = new AppName(ControlFixture.ACCOUNT, "hello");
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final ControlFixture fixture = new ControlFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void keysAreAskedForAndErrorsHaveADetail() {
        HttpResponse<String> none =
                fixture.send(HttpRequest.newBuilder(fixture.uri("/users/current")));
        HttpResponse<String> tooLittle =
                fixture.send(
                        HttpRequest.newBuilder(fixture.uri("/applications/metrics"))
                                .header("Authorization", "Key " + fixture.caller.text()));

        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(json(none).path("detail").stringValue()).contains("FAL_KEY");
        assertThat(tooLittle.statusCode()).isEqualTo(403);
        assertThat(fixture.rest("GET", "/nowhere", "").statusCode()).isEqualTo(404);
        assertThat(fixture.send(HttpRequest.newBuilder(fixture.uri("/health"))).statusCode())
                .isEqualTo(200);
    }

    @Test
    void tellsWhoOneIs() {
        JsonNode user = json(fixture.rest("GET", "//users//current", ""));
        JsonNode teams = json(fixture.rest("GET", "/users/teams", ""));

        assertThat(user.path("nickname").stringValue()).isEqualTo("local");
        assertThat(user.path("user_id").stringValue()).startsWith("local|");
        assertThat(user.path("is_locked").booleanValue()).isFalse();
        assertThat(teams).hasSize(1);
        assertThat(teams.get(0).path("is_personal").booleanValue()).isTrue();
    }

    @Test
    void browsersMayAskBeforeTheyCall() {
        HttpResponse<String> answer =
                fixture.send(
                        HttpRequest.newBuilder(fixture.uri("/logs/history"))
                                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("access-control-allow-origin")).hasValue("*");
    }

    @Test
    void pagesOfLogsMissNoLineAndRepeatNone() {
        for (int i = 0; i < 25; i++) {
            // Several lines share an instant.
            fixture.logs.append(line(START.plusSeconds(i / 4), "line " + i, null));
        }
        List<String> seen = new ArrayList<>();
        String until = "";
        do {
            JsonNode page = json(fixture.rest("POST", "/logs/history?page_size=6" + until, ""));
            page.path("items").forEach(item -> seen.add(item.path("message").stringValue()));
            JsonNode next = page.path("next_until");
            until = next.isNull() ? null : "&until=" + next.stringValue().replace("+", "%2B");
        } while (until != null);

        assertThat(seen).hasSize(25).doesNotHaveDuplicates();
        assertThat(seen.getFirst()).isEqualTo("line 24");
    }

    @Test
    void logsAreFilteredAndBadFiltersNamed() {
        UUID runner = Ids.next(Instant::now);
        fixture.logs.append(line(START, "of the runner", runner));
        fixture.logs.append(line(START, "of another", null));

        JsonNode page = json(fixture.rest("POST", "/logs/history?job_id=" + runner, ""));
        HttpResponse<String> bad = fixture.rest("POST", "/logs/history?since=yesterday", "");

        assertThat(page.path("items")).hasSize(1);
        assertThat(page.path("items").get(0).path("timestamp").stringValue())
                .isEqualTo("2026-03-01T12:00:00.000000+00:00");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(json(bad).path("detail").stringValue()).contains("since", "'yesterday'");
    }

    @Test
    void followsALog() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<Stream<String>> stream =
                client.send(
                        HttpRequest.newBuilder(
                                        fixture.uri("/logs/stream?since=2026-03-01T11:00:00Z"))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .header("Authorization", "Key " + fixture.admin.text())
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        fixture.logs.append(line(Instant.now(), "live", null));

        String first =
                stream.body().filter(text -> text.startsWith("data: ")).findFirst().orElseThrow();

        assertThat(stream.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertThat(first).contains("\"message\":\"live\"");
        client.shutdownNow();
    }

    @Test
    void tellsRunnersMetadataAndQueues() throws Exception {
        deploy();
        UUID runner = runner();

        JsonNode shown = json(fixture.rest("GET", "/runners/" + runner, ""));
        assertThat(shown.path("ended_at").isNull()).isTrue();
        assertThat(shown.path("started_at").stringValue()).endsWith("+00:00");
        assertThat(fixture.rest("GET", "/runners/" + UUID.randomUUID(), "").statusCode())
                .isEqualTo(404);
        JsonNode metadata = json(fixture.rest("GET", "/applications/local/hello/metadata", ""));
        assertThat(metadata.path("openapi").path("paths").has("/")).isTrue();
        JsonNode queue = json(fixture.rest("GET", "/applications/local/hello/queue", ""));
        assertThat(queue.path("size").intValue()).isZero();
        assertThat(fixture.rest("DELETE", "/applications/local/hello/queue", "").statusCode())
                .isEqualTo(200);
        assertThat(fixture.rest("GET", "/applications/eve/hello/queue", "").statusCode())
                .isEqualTo(404);
        assertThat(
                        json(fixture.rest("GET", "/applications/metrics", ""))
                                .path("summary")
                                .isObject())
                .isTrue();
    }

    @Test
    void tellsTheFactsOfARequestToItsOwnerAlone() {
        UUID mine = UUID.randomUUID();
        UUID theirs = UUID.randomUUID();
        fixture.history.record(fact(mine, HELLO));
        fixture.history.record(fact(theirs, new AppName("eve", "hello")));

        JsonNode facts = json(fixture.rest("GET", "/v1/mews/requests/" + mine + "/history", ""));
        assertThat(facts.path("facts").get(0).path("event").stringValue()).isEqualTo("queued");
        assertThat(fixture.rest("GET", "/v1/mews/requests/" + theirs + "/history", "").statusCode())
                .isEqualTo(404);
    }

    @Test
    void anUploadIsReadByItsUrlWithoutAKey() {
        JsonNode urls =
                json(
                        fixture.rest(
                                "POST",
                                "/storage/upload/initiate?storage_type=fal-cdn-v3",
                                "{\"file_name\":\"pkg-1.0.tar.gz\",\"content_type\":\"application/octet-stream\"}"));
        String fileUrl = urls.path("file_url").stringValue();

        HttpResponse<String> put =
                fixture.send(
                        HttpRequest.newBuilder(
                                        java.net.URI.create(urls.path("upload_url").stringValue()))
                                .PUT(HttpRequest.BodyPublishers.ofString("bytes")));
        HttpResponse<String> got =
                fixture.send(HttpRequest.newBuilder(java.net.URI.create(fileUrl)));

        assertThat(put.statusCode()).isEqualTo(200);
        assertThat(fileUrl).endsWith("/pkg-1.0.tar.gz");
        assertThat(got.body()).isEqualTo("bytes");
        assertThat(fixture.uploads.findByUrl(fileUrl)).isPresent();
    }

    @Test
    void aBigUploadOverHttp2HoldsItsSenderBackAndArrivesWhole() throws Exception {
        byte[] content = new byte[20 * 1024 * 1024];
        new java.util.Random(1).nextBytes(content);
        JsonNode urls =
                json(fixture.rest("POST", "/storage/upload/initiate", "{\"file_name\":\"x\"}"));
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.send(
                    HttpRequest.newBuilder(
                                    java.net.URI.create(urls.path("upload_url").stringValue()))
                            .version(HttpClient.Version.HTTP_2)
                            .PUT(HttpRequest.BodyPublishers.ofByteArray(content))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }

        assertThat(
                        fixture.uploads
                                .findByUrl(urls.path("file_url").stringValue())
                                .orElseThrow()
                                .sha256())
                .isEqualTo(Hashes.sha256Hex(content));
    }

    @Test
    void anUploadInPartsGivesAnETagForEach() {
        JsonNode urls =
                json(
                        fixture.rest(
                                "POST",
                                "/storage/upload/initiate-multipart",
                                "{\"file_name\":\"big.bin\"}"));
        String upload = urls.path("upload_url").stringValue();
        for (int part : new int[] {2, 1}) {
            HttpResponse<String> put =
                    fixture.send(
                            HttpRequest.newBuilder(java.net.URI.create(upload + "/" + part))
                                    .PUT(HttpRequest.BodyPublishers.ofString("part" + part)));
            assertThat(put.headers().firstValue("etag")).isPresent();
            assertThat(json(put).path("partNumber").intValue()).isEqualTo(part);
        }

        HttpResponse<String> done =
                fixture.send(
                        HttpRequest.newBuilder(java.net.URI.create(upload + "/complete"))
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"parts\":[{\"partNumber\":1},{\"partNumber\":2}]}")));

        assertThat(done.statusCode()).isEqualTo(200);
        assertThat(get(urls.path("file_url").stringValue())).isEqualTo("part1part2");
    }

    @Test
    void anUploadTokenStandsForTheKey() {
        JsonNode token =
                json(
                        fixture.send(
                                HttpRequest.newBuilder(fixture.uri("/storage/auth/token"))
                                        .header("Authorization", "Key " + fixture.caller.text())
                                        .POST(HttpRequest.BodyPublishers.ofString("{}"))));
        String url = token.path("base_url").stringValue() + "/files/upload";

        HttpResponse<String> stored =
                fixture.send(
                        HttpRequest.newBuilder(java.net.URI.create(url))
                                .header(
                                        "Authorization",
                                        token.path("token_type").stringValue()
                                                + " "
                                                + token.path("token").stringValue())
                                .header("X-Fal-File-Name", "a b.txt")
                                .POST(HttpRequest.BodyPublishers.ofString("hello")));
        HttpResponse<String> forged =
                fixture.send(
                        HttpRequest.newBuilder(java.net.URI.create(url))
                                .header("Authorization", "Bearer forged")
                                .POST(HttpRequest.BodyPublishers.ofString("hello")));

        assertThat(get(json(stored).path("access_url").stringValue())).isEqualTo("hello");
        assertThat(forged.statusCode()).isEqualTo(401);
    }

    @Test
    void appFilesAreKeptByTheirHashAndLyingIsNoticed() throws Exception {
        byte[] content = "print('hi')\n".getBytes(StandardCharsets.UTF_8);
        String hash = Hashes.sha256Hex("print('hi')\n33261");

        assertThat(missing(hash)).containsExactly(hash);
        assertThat(uploadAppFile(hash, content, "33188").statusCode()).isEqualTo(400);
        assertThat(missing(hash)).containsExactly(hash);
        assertThat(uploadAppFile(hash, content, "33261").statusCode()).isEqualTo(200);
        assertThat(missing(hash)).isEmpty();
        assertThat(
                        fixture.rest("POST", "/files/app/multipart/" + hash + "/initiate", "{}")
                                .statusCode())
                .isEqualTo(409);
    }

    @Test
    void filesOfDataAreWrittenListedMovedAndDeleted() throws Exception {
        assertThat(
                        form(
                                        "POST",
                                        "/files/file/local//data/models/a%20b.bin",
                                        "weights\r\n--x".getBytes(StandardCharsets.UTF_8))
                                .statusCode())
                .isEqualTo(200);

        JsonNode listed = json(fixture.rest("GET", "/files/list//data/models", ""));
        assertThat(listed.get(0).path("path").stringValue()).isEqualTo("/data/models/a b.bin");
        assertThat(listed.get(0).path("is_file").booleanValue()).isTrue();
        assertThat(fixture.rest("GET", "/files/file//data/models/a%20b.bin", "").body())
                .isEqualTo("weights\r\n--x");
        assertThat(data().resolve("models/a b.bin")).exists();

        fixture.rest(
                "POST",
                "/files/rename//data/models/a%20b.bin",
                "{\"destination\":\"/data/new/c.bin\"}");
        assertThat(data().resolve("new/c.bin")).hasContent("weights\r\n--x");
        assertThat(fixture.rest("DELETE", "/files/file//data/new", "").statusCode()).isEqualTo(200);
        assertThat(data().resolve("new")).doesNotExist();
        assertThat(fixture.rest("GET", "/files/list//data/new", "").body()).isEqualTo("[]");
    }

    @Test
    void aBigFileOfDataComesInPartsAndAnswersItsMd5() throws Exception {
        String path = "/files/file/multipart//data/big.bin";
        String upload =
                json(fixture.rest("POST", path + "/initiate", "")).path("upload_id").stringValue();
        for (int part : new int[] {2, 1}) {
            JsonNode put =
                    json(
                            form(
                                    "PUT",
                                    path + "/" + upload + "/" + part,
                                    ("part" + part).getBytes(StandardCharsets.UTF_8)));
            assertThat(put.path("part_number").intValue()).isEqualTo(part);
        }

        JsonNode done =
                json(
                        fixture.rest(
                                "POST",
                                path + "/" + upload + "/complete",
                                "{\"parts\":[{\"part_number\":1},{\"part_number\":2}]}"));

        byte[] whole = "part1part2".getBytes(StandardCharsets.UTF_8);
        assertThat(done.path("etag").stringValue())
                .isEqualTo(
                        HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(whole)));
        assertThat(data().resolve("big.bin")).hasBinaryContent(whole);
    }

    @Test
    void aFolderIsSynchronizedByAnArchiveOnce() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, String> file :
                    Map.of("a/b.txt", "b", ".fal_hash", "abc").entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }

        form("POST", "/files/file/local/synced?unzip=true", bytes.toByteArray());

        assertThat(data().resolve("synced/a/b.txt")).hasContent("b");
        String check = "/files/dir/check_hash/synced";
        assertThat(fixture.rest("POST", check, "{\"hash\":\"abc\"}").body()).isEqualTo("true");
        assertThat(fixture.rest("POST", check, "{\"hash\":\"abd\"}").body()).isEqualTo("false");
    }

    @Test
    void noPathLeavesData() throws Exception {
        Path secret = Files.writeString(fixture.folder.resolve("secret"), "s3cret");
        Files.createDirectories(data());
        Files.createSymbolicLink(data().resolve("link"), secret);
        Files.createSymbolicLink(data().resolve("folder"), fixture.folder);

        for (String path :
                List.of(
                        "/files/file//data/../secret",
                        "/files/file//data/%2e%2e/secret",
                        "/files/file//data/..%2fsecret",
                        "/files/file//data/link",
                        "/files/file//data/folder/secret",
                        "/files/list//data/folder",
                        "/files/list/..")) {
            HttpResponse<String> answer = fixture.rest("GET", path, "");
            assertThat(answer.statusCode()).as(path).isIn(400, 404);
            assertThat(answer.body()).as(path).doesNotContain("s3cret");
        }
        assertThat(form("POST", "/files/file/local//data/folder/x", new byte[] {1}).statusCode())
                .isEqualTo(400);
        form("POST", "/files/file/local//data/link", new byte[] {1});
        assertThat(secret).hasContent("s3cret");
        fixture.rest("DELETE", "/files/file//data/folder", "");
        assertThat(secret).exists();
    }

    @Test
    void urlsOfPrivateNetworksAreNotFetched() {
        HttpResponse<String> answer =
                fixture.rest(
                        "POST",
                        "/files/file/url//data/x",
                        "{\"url\":\"http://127.0.0.1:%d/health\"}".formatted(fixture.port));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(json(answer).path("detail").stringValue()).contains("private network");
    }

    @Test
    void malformedBodiesAreRefusedAndTheConnectionGoesOn() {
        HttpResponse<String> noJson = fixture.rest("POST", "/files/missing_hashes", "not json");
        HttpResponse<String> noForm =
                fixture.rest("POST", "/files/file/local//data/x", "x".repeat(200_000));

        assertThat(noJson.statusCode()).isEqualTo(400);
        assertThat(noForm.statusCode()).isEqualTo(400);
        assertThat(json(noForm).path("detail").stringValue()).contains("file_upload");
        assertThat(fixture.rest("GET", "/users/current", "").statusCode()).isEqualTo(200);
    }

    @Test
    void theLogOfAnAppIsReadAsText() throws Exception {
        deploy();
        fixture.logs.append(line(START, "hello", null));

        assertThat(fixture.rest("GET", "/v1/mews/apps/local/hello/logs", "").body())
                .isEqualTo("2026-03-01T12:00:00.000000+00:00 STDOUT hello\n");
        await().until(() -> fixture.rest("GET", "/logs/?traceback=true", "").body().equals("[]"));
    }

    private HttpResponse<String> uploadAppFile(String hash, byte[] content, String mode) {
        String path = "/files/app/multipart/" + hash;
        String upload =
                json(fixture.rest("POST", path + "/initiate", "{}"))
                        .path("upload_id")
                        .stringValue();
        form("PUT", path + "/" + upload + "/1", content);
        return fixture.rest(
                "POST",
                path + "/" + upload + "/complete",
                "{\"parts\":[{\"part_number\":1}],\"metadata\":{\"mode\":\"%s\"}}".formatted(mode));
    }

    private List<String> missing(String hash) {
        List<String> missing = new ArrayList<>();
        json(fixture.rest("POST", "/files/missing_hashes", "{\"hashes\":[\"" + hash + "\"]}"))
                .forEach(node -> missing.add(node.stringValue()));
        return missing;
    }

    private HttpResponse<String> form(String method, String path, byte[] content) {
        try {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.write(
                    ("--b0undary\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n"
                                    + "--b0undary\r\nContent-Disposition: form-data;"
                                    + " name=\"file_upload\"; filename=\"chunk\"\r\n"
                                    + "Content-Type: application/octet-stream\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            body.write(content);
            body.write("\r\n--b0undary--\r\n".getBytes(StandardCharsets.UTF_8));
            return fixture.send(
                    HttpRequest.newBuilder(fixture.uri(path))
                            .method(
                                    method,
                                    HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                            .header("Authorization", "Key " + fixture.admin.text())
                            .header("Content-Type", "multipart/form-data; boundary=b0undary"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String get(String url) {
        return fixture.send(HttpRequest.newBuilder(java.net.URI.create(url))).body();
    }

    private Path data() {
        return fixture.home.data(ControlFixture.ACCOUNT);
    }

    private void deploy() throws InterruptedException {
        fixture.deployment
                .deployer()
                .deploy(
                        new Deployer.Registration(
                                HELLO, Specs.app(), null, DeploymentStrategy.ROLLING, false, false),
                        line -> {});
    }

    private UUID runner() {
        return fixture.fleet.start(
                new mews.fleet.RunnerOrder(
                        fixture.deployment.routes().find(HELLO).revision(),
                        0,
                        mews.model.MachineCatalog.standard().find("S").orElseThrow(),
                        1,
                        Duration.ofSeconds(5),
                        null));
    }

    private static Fact fact(UUID request, AppName app) {
        return new Fact(
                START, Fact.Subject.REQUEST, request.toString(), app, "queued", Map.of("a", "b"));
    }

    private static LogLine line(
            Instant at, String message, @org.jspecify.annotations.Nullable UUID runner) {
        return new LogLine(
                at,
                LogLine.Level.STDOUT,
                LogLine.Source.USER,
                HELLO.owner(),
                HELLO,
                null,
                runner,
                null,
                message);
    }

    private static JsonNode json(HttpResponse<String> response) {
        return Json.MAPPER.readTree(response.body());
    }
}
