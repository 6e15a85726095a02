package mews.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mews.host.Command;

/// Bare repositories, served by git's own CGI program.
public final class GitRepositories {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;

    public GitRepositories(Path folder) {
        this.folder = folder;
    }

    /// Makes a repository with one commit.
    ///
    /// @param tag of the commit
    /// @return the commit
    public String make(String name, Map<String, String> files, String tag) {
        try {
            Path work = Files.createDirectories(folder.resolve("work-" + name));
            for (Map.Entry<String, String> file : files.entrySet()) {
                Path target = work.resolve(file.getKey());
                Files.createDirectories(target.getParent());
                Files.writeString(target, file.getValue());
            }
            git(work, "init", "--quiet", "--initial-branch", "main");
            git(work, "add", "--all");
            git(work, "commit", "--quiet", "--message", "made up");
            git(work, "tag", tag);
            git(folder, "clone", "--quiet", "--bare", work.toString(), name + ".git");
            return git(work, "rev-parse", "HEAD").strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String git(Path where, String... words) {
        List<String> line =
                new ArrayList<>(
                        List.of(
                                "git",
                                "-C",
                                where.toString(),
                                "-c",
                                "user.name=t",
                                "-c",
                                "user.email=t@t"));
        line.addAll(List.of(words));
        Command.Result result = Command.run(PATIENCE, line);
        if (!result.ok()) {
            throw new IllegalStateException(result.lastWords());
        }
        return result.out();
    }

    /// What answers below a path.
    HttpHandler over(String path) {
        return exchange -> {
            try (exchange) {
                answer(exchange, path);
            }
        };
    }

    private void answer(HttpExchange exchange, String path) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("git", "http-backend").redirectErrorStream(false);
        builder.environment().putAll(variables(exchange, path));
        byte[] body = exchange.getRequestBody().readAllBytes();
        builder.environment().put("CONTENT_LENGTH", Integer.toString(body.length));
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(body);
        }
        byte[] said = process.getInputStream().readAllBytes();
        int end = endOfHead(said);
        int status = 200;
        for (String line : new String(said, 0, end, StandardCharsets.ISO_8859_1).split("\r\n")) {
            String[] halves = line.split(": ", 2);
            if (halves[0].equals("Status")) {
                status = Integer.parseInt(halves[1].substring(0, 3));
            } else if (halves.length == 2) {
                exchange.getResponseHeaders().set(halves[0], halves[1]);
            }
        }
        int length = said.length - end - 4;
        exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
        exchange.getResponseBody().write(said, end + 4, length);
    }

    private Map<String, String> variables(HttpExchange exchange, String path) {
        Map<String, String> variables = new HashMap<>();
        variables.put("GIT_PROJECT_ROOT", folder.toString());
        variables.put("GIT_HTTP_EXPORT_ALL", "1");
        variables.put(
                "PATH_INFO", "/" + exchange.getRequestURI().getPath().substring(path.length()));
        String query = exchange.getRequestURI().getRawQuery();
        variables.put("QUERY_STRING", query == null ? "" : query);
        variables.put("REQUEST_METHOD", exchange.getRequestMethod());
        variables.put("CONTENT_TYPE", header(exchange, "Content-Type"));
        variables.put("HTTP_CONTENT_ENCODING", header(exchange, "Content-Encoding"));
        variables.put("GIT_PROTOCOL", header(exchange, "Git-Protocol"));
        return variables;
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static int endOfHead(byte[] said) {
        for (int i = 0; i + 3 < said.length; i++) {
            if (said[i] == '\r'
                    && said[i + 1] == '\n'
                    && said[i + 2] == '\r'
                    && said[i + 3] == '\n') {
                return i;
            }
        }
        throw new IllegalStateException("git http-backend said no head");
    }
}
