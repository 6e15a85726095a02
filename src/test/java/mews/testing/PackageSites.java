package mews.testing;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/// The places that requirements can name, on loopback: indexes with and without password, a page of
/// links, files behind a signature, a git server with a token; and ones that misbehave.
public final class PackageSites implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    public PackageSites() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext(
                "/loop/", exchange -> redirect(exchange, exchange.getRequestURI().getPath()));
        server.createContext("/stall/", this::stall);
        server.start();
    }

    /// `127.0.0.1:port`.
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public String url(String path) {
        return "http://" + host() + path;
    }

    /// Requests so far, such as `GET /simple/six/`, queries left out.
    public List<String> asked() {
        return asked;
    }

    public void put(String place, String name, byte[] content) {
        files.put(place + name, content);
    }

    /// An index: `put(path + "files/", …)` fills it.
    public void index(String path) {
        server.createContext(path, exchange -> index(exchange, path));
    }

    /// An index that wants a name and a password.
    public void index(String path, String user, String password) {
        server.createContext(path, exchange -> index(exchange, path))
                .setAuthenticator(password(user, password));
    }

    /// A page with a link to each file that was put there.
    public void links(String path) {
        server.createContext(path, exchange -> page(exchange, path, ""));
    }

    /// Files that are given only with `?Signature=…` of exactly this.
    public void signed(String path, String signature) {
        server.createContext(
                path,
                exchange -> {
                    String query = String.valueOf(exchange.getRequestURI().getRawQuery());
                    if (List.of(query.split("&")).contains("Signature=" + signature)) {
                        file(exchange);
                    } else {
                        answer(
                                exchange,
                                403,
                                "text/plain",
                                "Request has expired".getBytes(StandardCharsets.UTF_8));
                    }
                });
    }

    /// Files that want a name and a password.
    public void locked(String path, String user, String password) {
        server.createContext(path, this::file).setAuthenticator(password(user, password));
    }

    /// Files for everybody.
    public void open(String path) {
        server.createContext(path, this::file);
    }

    public void redirecting(String path, String to) {
        server.createContext(path, exchange -> redirect(exchange, to));
    }

    /// A git server.
    public void git(String path, GitRepositories repositories, String user, String password) {
        server.createContext(path, repositories.over(path))
                .setAuthenticator(password(user, password));
    }

    private static BasicAuthenticator password(String user, String password) {
        return new BasicAuthenticator("packages") {
            @Override
            public boolean checkCredentials(String name, String given) {
                return name.equals(user) && given.equals(password);
            }
        };
    }

    private void index(HttpExchange exchange, String path) throws IOException {
        String rest = exchange.getRequestURI().getPath().substring(path.length());
        if (rest.startsWith("files/")) {
            file(exchange);
            return;
        }
        String name = rest.replaceAll("/.*", "").replace('-', '_');
        page(exchange, path + "files/", name + "-");
    }

    private void page(HttpExchange exchange, String place, String prefix) throws IOException {
        if (files.containsKey(exchange.getRequestURI().getPath())) {
            file(exchange);
            return;
        }
        String links =
                files.keySet().stream()
                        .filter(file -> file.startsWith(place + prefix))
                        .map(file ->
                                "<a href=\"%s\">%s</a>"
                                        .formatted(
                                                file.replace("+", "%2B"),
                                                file.substring(place.length())))
                        .collect(Collectors.joining("<br>\n"));
        answer(
                exchange,
                links.isEmpty() ? 404 : 200,
                "text/html",
                "<!DOCTYPE html><html><body>%s</body></html>"
                        .formatted(links)
                        .getBytes(StandardCharsets.UTF_8));
    }

    private void file(HttpExchange exchange) throws IOException {
        byte[] content = files.get(exchange.getRequestURI().getPath());
        answer(
                exchange,
                content == null ? 404 : 200,
                "application/octet-stream",
                content == null ? new byte[0] : content);
    }

    private void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().set("Location", to);
        answer(exchange, 302, "text/plain", new byte[0]);
    }

    /// Takes the request and says nothing.
    private void stall(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
        try {
            closing.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    private void answer(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
