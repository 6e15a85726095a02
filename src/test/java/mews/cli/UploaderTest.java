package mews.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mews.project.AppFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploaderTest {
    @TempDir Path folder;
    private FakeRest server;
    private Uploader uploader;

    @BeforeEach
    void open() throws IOException {
        server = new FakeRest();
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
        uploader = new Uploader(server.rest(), new Progress(new Terminal(nowhere, nowhere, false)));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private List<AppFiles.Entry> files(String... names) throws IOException {
        for (String name : names) {
            Files.writeString(folder.resolve(name), name);
        }
        return AppFiles.select(
                new AppFiles.Selection(List.of(names), List.of(), folder, null, null));
    }

    @Test
    void sendsOnlyWhatIsMissing() throws IOException {
        List<AppFiles.Entry> files = files("a", "b");
        String missing = files.getLast().hash();
        server.json("POST /files/missing_hashes", 200, "[\"" + missing + "\"]");
        String place = "/files/app/multipart/" + missing;
        server.json("POST " + place + "/initiate", 200, "{\"upload_id\": \"u1\"}");
        server.json("PUT " + place + "/u1/1", 200, "{\"part_number\": 1, \"etag\": \"e\"}");
        server.json("POST " + place + "/u1/complete", 200, "{\"etag\": \"\"}");

        uploader.sync(files);

        assertThat(server.asked.stream().map(FakeRest.Asked::uri))
                .containsExactly(
                        "/files/missing_hashes",
                        place + "/initiate",
                        place + "/u1/1",
                        place + "/u1/complete");
        assertThat(server.asked.get(2).body())
                .contains("name=\"file_upload\"")
                .contains("\r\nb\r\n");
        assertThat(server.asked.get(3).body())
                .contains("\"etag\":\"e\"")
                .contains("\"hash\":\"" + missing + "\"")
                .contains("\"size\":\"1\"");
    }

    @Test
    void whatSomebodyElseSentMeanwhileIsFine() throws IOException {
        List<AppFiles.Entry> files = files("a");
        String hash = files.getFirst().hash();
        server.json("POST /files/missing_hashes", 200, "[\"" + hash + "\"]");
        server.json("POST /files/app/multipart/" + hash + "/initiate", 409, "");

        uploader.sync(files);

        assertThat(server.asked).hasSize(2);
    }

    @Test
    void sendsAPackageWithoutTheKeyToWhereTheServerSays() throws IOException {
        try (FakeRest elsewhere = new FakeRest()) {
            elsewhere.json("PUT /place", 200, "");
            server.json(
                    "POST /storage/upload/initiate",
                    200,
                    "{\"file_url\": \"http://files/x-1.tar.gz\", \"upload_url\": \"%s/place\"}"
                            .formatted(elsewhere.url()));
            Path archive = Files.writeString(folder.resolve("x-1.tar.gz"), "bytes");

            assertThat(uploader.sendPackage(archive, "x-1.tar.gz"))
                    .isEqualTo("http://files/x-1.tar.gz");

            assertThat(elsewhere.asked.getFirst().body()).isEqualTo("bytes");
            assertThat(elsewhere.asked.getFirst().header("Authorization")).isNull();
            assertThat(server.asked.getFirst().header("Authorization")).isEqualTo("Key id:secret");
        }
    }
}
