package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import mews.base.Hashes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class UploadsIT extends RestCalls {
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

    private String get(String url) {
        return fixture.send(HttpRequest.newBuilder(java.net.URI.create(url))).body();
    }
}
