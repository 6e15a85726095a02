package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import mews.base.Hashes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class FilesIT extends RestCalls {
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

    private Path data() {
        return fixture.home.data(ControlFixture.ACCOUNT);
    }
}
