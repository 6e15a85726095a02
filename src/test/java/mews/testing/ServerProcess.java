package mews.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mews.base.Json;
import tools.jackson.databind.JsonNode;

/// A server in a process of its own, as `mews serve` starts it: the only way to try what happens
/// when it is killed. What it says goes to a file beside its home.
public final class ServerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path home;
    private final Path said;
    private final Process process;

    private ServerProcess(Path home, Path said, Process process) {
        this.home = home;
        this.said = said;
        this.process = process;
    }

    /// Starts it and waits until it answers.
    public static ServerProcess start(Path home, String... arguments) throws Exception {
        ServerProcess server = launch(home, List.of(), classPath(), arguments);
        server.awaitReady();
        return server;
    }

    /// Starts it without waiting.
    ///
    /// @param before words that come before `java`, such as another user to run as
    public static ServerProcess launch(
            Path home, List<String> before, String classPath, String... arguments)
            throws IOException {
        Path said = home.resolveSibling(home.getFileName() + ".said");
        List<String> command = new ArrayList<>(before);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx512m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dmews.launcher=" + Path.of("mews").toAbsolutePath(),
                        "-cp",
                        classPath,
                        "mews.Main",
                        "serve"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(said.toFile()));
        builder.environment().put("MEWS_HOME", home.toString());
        builder.environment().remove("MEWS_DATABASE_URL");
        return new ServerProcess(home, said, builder.start());
    }

    public static String classPath() {
        return System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /// Waits until `server.json` is this process's and it answers.
    public void awaitReady() throws Exception {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until) {
            if (!process.isAlive()) {
                throw new IllegalStateException("the server ended: " + said());
            }
            if (isReady()) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IllegalStateException("the server did not come up: " + said());
    }

    public long pid() {
        return process.pid();
    }

    public Process process() {
        return process;
    }

    /// What `server.json` says under `key`, such as `api`.
    public String told(String key) {
        try {
            JsonNode file = Json.MAPPER.readTree(Files.readString(serverJson()));
            return file.path(key).asString("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path serverJson() {
        return home.resolve("server.json");
    }

    /// Everything the process said so far.
    public String said() throws IOException {
        return Files.readString(said);
    }

    public HttpResponse<String> get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(told("api") + path)).GET().build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /// SIGKILL: it says no farewell.
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// SIGTERM.
    ///
    /// @return the exit code
    public int stop() throws InterruptedException {
        process.destroy();
        return await();
    }

    public int await() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the server did not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private boolean isReady() {
        try {
            return Files.exists(serverJson())
                    && told("pid").equals(Long.toString(pid()))
                    && get("/health").statusCode() == 200;
        } catch (Exception e) {
            return false;
        }
    }
}
