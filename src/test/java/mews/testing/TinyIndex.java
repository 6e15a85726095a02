package mews.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A package index on loopback with made-up wheels, whose contents a test changes as it goes. No
/// page of it may be kept by whoever reads it.
public final class TinyIndex implements AutoCloseable {
    private final Map<String, byte[]> wheels = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);

    public TinyIndex() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /// As `--index-url` takes it.
    public String url() {
        return "http://127.0.0.1:%d/simple".formatted(server.getAddress().getPort());
    }

    /// Of a wheel's file.
    public String url(String name, String version) {
        return "http://127.0.0.1:%d/files/%s"
                .formatted(server.getAddress().getPort(), file(name, version));
    }

    /// Requests for pages and files.
    public int asked() {
        return asked.get();
    }

    /// From now on it answers nothing, until `open`.
    public void hold() {
        gate = new CountDownLatch(1);
    }

    public void open() {
        gate.countDown();
    }

    /// @param origin what the module says as `ORIGIN`; another one is another content
    /// @param bytes of ballast that do not compress
    public void add(String name, String version, String origin, int bytes) {
        String info = "%s-%s.dist-info/".formatted(name, version);
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put(
                name + "/__init__.py",
                bytes("VERSION = '%s'\nORIGIN = '%s'\n".formatted(version, origin)));
        byte[] ballast = new byte[bytes];
        new java.util.Random(version.hashCode()).nextBytes(ballast);
        members.put(name + "/ballast", ballast);
        members.put(
                info + "METADATA",
                bytes("Metadata-Version: 2.1\nName: %s\nVersion: %s\n".formatted(name, version)));
        members.put(
                info + "WHEEL",
                bytes(
                        "Wheel-Version: 1.0\nGenerator: tiny\nRoot-Is-Purelib: true\nTag: py3-none-any\n"));
        members.put(
                info + "RECORD",
                bytes(
                        members.keySet().stream()
                                .map(each -> each + ",,\n")
                                .collect(Collectors.joining())));
        wheels.put(file(name, version), zip(members));
    }

    public void add(String name, String version) {
        add(name, version, "here", 0);
    }

    public void remove(String name, String version) {
        wheels.remove(file(name, version));
    }

    @Override
    public void close() {
        gate.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.incrementAndGet();
            gate.await();
            String[] path = exchange.getRequestURI().getPath().split("/");
            byte[] wheel = wheels.get(path[path.length - 1]);
            if (wheel != null) {
                answer(exchange, 200, "application/zip", wheel);
            } else {
                String page = page(path[path.length - 1].replace('-', '_'));
                answer(exchange, page.isEmpty() ? 404 : 200, "text/html", bytes(page));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String page(String name) {
        return wheels.keySet().stream()
                .filter(file -> file.startsWith(name + "-"))
                .sorted()
                .map(file ->
                        "<a href=\"/files/%s#sha256=%s\">%s</a>"
                                .formatted(
                                        file, mews.base.Hashes.sha256Hex(wheels.get(file)), file))
                .collect(Collectors.joining("\n"));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    private static String file(String name, String version) {
        return "%s-%s-py3-none-any.whl".formatted(name, version);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] zip(Map<String, byte[]> members) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                zip.putNextEntry(new ZipEntry(member.getKey()));
                zip.write(member.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
