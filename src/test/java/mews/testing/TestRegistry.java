package mews.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import mews.base.Folders;
import mews.base.Hashes;
import mews.base.Json;
import mews.host.Command;

/// A registry with a password on loopback, Debian's `docker-registry`, in a folder of its own.
public final class TestRegistry implements AutoCloseable {
    public static final String USER = "builder";
    public static final String PASSWORD = "pass-w0rd-of-the-registry";

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";

    private static final String LOOPBACK = "127.0.0.1";

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path folder;
    private final String host;
    private final int port;
    private final Process process;

    private TestRegistry(Path folder, String host, int port, Process process) {
        this.folder = folder;
        this.host = host;
        this.port = port;
        this.process = process;
    }

    /// Starts it and waits until it answers.
    public static TestRegistry start() throws IOException, InterruptedException {
        return start(LOOPBACK, true);
    }

    /// One that asks nobody for a password.
    public static TestRegistry open() throws IOException, InterruptedException {
        return start(LOOPBACK, false);
    }

    /// @param host an address of this machine
    public static TestRegistry at(String host) throws IOException, InterruptedException {
        return start(host, true);
    }

    private static TestRegistry start(String host, boolean password)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("mews-registry-");
        int port = freePort(host);
        Command.Result hash =
                Command.run(Duration.ofSeconds(20), "htpasswd", "-Bbn", USER, PASSWORD);
        Files.writeString(folder.resolve("htpasswd"), hash.out());
        Path config = folder.resolve("config.yml");
        Files.writeString(
                config,
                """
                version: 0.1
                log: {level: warn, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: %1$s/content}}
                http: {addr: "%2$s:%3$d"}
                """
                                .formatted(folder, host, port)
                        + (password
                                ? "auth: {htpasswd: {realm: tests, path: %s/htpasswd}}\n"
                                        .formatted(folder)
                                : ""));
        Process process =
                new ProcessBuilder("docker-registry", "serve", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("said").toFile())
                        .start();
        TestRegistry registry = new TestRegistry(folder, host, port, process);
        registry.awaitReady();
        return registry;
    }

    /// `host:port`: plain http.
    public String address() {
        return host + ":" + port;
    }

    public int port() {
        return port;
    }

    /// What an `image` table says to log in here.
    public Map<String, Object> login() {
        return Map.of(address(), Map.of("username", USER, "password", PASSWORD));
    }

    /// @param name such as `team/python:1`; a tag that is there moves
    /// @return the reference to write in a Dockerfile
    public String push(String name, TestImage image) throws IOException, InterruptedException {
        String repository = name.substring(0, name.indexOf(':'));
        byte[] config = image.configuration();
        String configDigest = "sha256:" + Hashes.sha256Hex(config);
        upload(repository, configDigest, BodyPublishers.ofByteArray(config));
        upload(repository, image.digest(), BodyPublishers.ofFile(image.layer()));
        byte[] manifest =
                Json.MAPPER.writeValueAsBytes(
                        Map.of(
                                "schemaVersion",
                                2,
                                "mediaType",
                                MANIFEST,
                                "config",
                                blob(CONFIG, configDigest, config.length),
                                "layers",
                                List.of(blob(LAYER, image.digest(), image.sizeBytes()))));
        String tag = name.substring(name.indexOf(':') + 1);
        send(
                request("/v2/%s/manifests/%s".formatted(repository, tag))
                        .header("Content-Type", MANIFEST)
                        .PUT(BodyPublishers.ofByteArray(manifest)),
                201);
        return address() + "/" + name;
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        client.close();
        Folders.delete(folder);
    }

    private void upload(String repository, String digest, HttpRequest.BodyPublisher content)
            throws IOException, InterruptedException {
        String place = "/v2/%s/blobs/uploads/".formatted(repository);
        HttpResponse<String> begun = send(request(place).POST(BodyPublishers.noBody()), 202);
        String location = begun.headers().firstValue("Location").orElseThrow();
        URI to = URI.create("http://" + address()).resolve(location);
        String mark = to.getQuery() == null ? "?" : "&";
        send(
                authorized(URI.create(to + mark + "digest=" + digest))
                        .header("Content-Type", "application/octet-stream")
                        .PUT(content),
                201);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, int expected)
            throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != expected) {
            throw new IOException("registry: %d %s".formatted(answer.statusCode(), answer.body()));
        }
        return answer;
    }

    private HttpRequest.Builder request(String path) {
        return authorized(URI.create("http://" + address() + path));
    }

    private static HttpRequest.Builder authorized(URI uri) {
        byte[] login = (USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8);
        return HttpRequest.newBuilder(uri)
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
    }

    private static Map<String, Object> blob(String type, String digest, long sizeBytes) {
        return Map.of("mediaType", type, "digest", digest, "size", sizeBytes);
    }

    private void awaitReady() throws IOException {
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> !process.isAlive() || send(request("/v2/").GET(), 200) != null);
        if (!process.isAlive()) {
            throw new IOException("no registry: " + Files.readString(folder.resolve("said")));
        }
    }

    private static int freePort(String host) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(host))) {
            return socket.getLocalPort();
        }
    }
}
