package mews.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import mews.base.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// HTTP calls to a server. By `HttpURLConnection`, because the JDK's newer client takes 0.4 s to
/// load and a command makes one call.
final class Rest {
    static final String JSON = "application/json";

    private static final int CONNECT_MILLIS = 10_000;

    private final ServerAddress server;
    private @Nullable SSLSocketFactory sockets;

    Rest(ServerAddress server) {
        this.server = server;
    }

    /// An answer whose body is still to be read; closing it ends the exchange.
    record Answer(int status, InputStream body, HttpURLConnection connection)
            implements AutoCloseable {
        boolean ok() {
            return status >= 200 && status < 300;
        }

        byte[] bytes() throws IOException {
            return body.readAllBytes();
        }

        String text() throws IOException {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        String header(String name) {
            String value = connection.getHeaderField(name);
            return value == null ? "" : value;
        }

        @Override
        public void close() {
            connection.disconnect();
        }
    }

    /// @param path with its leading slash, or a whole URL
    Answer get(String path) throws IOException {
        return send("GET", path, null, Map.of());
    }

    /// A JSON body; null for an empty one.
    Answer post(String path, @Nullable Object body) throws IOException {
        byte[] bytes =
                body == null ? new byte[0] : Json.write(body).getBytes(StandardCharsets.UTF_8);
        return send("POST", path, bytes, Map.of("Content-Type", JSON));
    }

    /// The key is sent only to the server itself, never to another host that a URL may name.
    Answer send(String method, String path, byte @Nullable [] body, Map<String, String> headers)
            throws IOException {
        HttpURLConnection connection = open(method, path, headers);
        if (body != null) {
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(body.length);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body);
            }
        }
        return answer(connection);
    }

    HttpURLConnection open(String method, String path, Map<String, String> headers)
            throws IOException {
        boolean ours = path.startsWith("/") || server.owns(path);
        URI target = URI.create(path.startsWith("/") ? server.api() + path : path);
        HttpURLConnection connection = (HttpURLConnection) target.toURL().openConnection();
        if (ours && connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(sockets());
        }
        connection.setRequestMethod(method);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setInstanceFollowRedirects(false);
        String key = server.key();
        if (ours && key != null) {
            connection.setRequestProperty("Authorization", "Key " + key);
        }
        String userId = server.userId();
        if (ours && userId != null) {
            connection.setRequestProperty("X-Fal-User-Id", userId);
        }
        headers.forEach(connection::setRequestProperty);
        return connection;
    }

    private SSLSocketFactory sockets() throws IOException {
        SSLSocketFactory known = sockets;
        if (known == null) {
            known = ClientTrust.sockets();
            sockets = known;
        }
        return known;
    }

    static Answer answer(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        InputStream body =
                status >= 400 ? connection.getErrorStream() : connection.getInputStream();
        return new Answer(status, body == null ? InputStream.nullInputStream() : body, connection);
    }

    /// @throws Failure with the server's explanation unless it is a 2xx answer
    JsonNode json(Answer answer) throws IOException {
        try (answer) {
            String text = answer.text();
            if (!answer.ok()) {
                throw new Failure(Failure.FAILED, explain(answer.status(), text));
            }
            return text.isBlank() ? Json.MAPPER.nullNode() : Json.MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw Failure.failed(
                    "%s answered with something that is not JSON: %s",
                    server, e.getOriginalMessage());
        }
    }

    /// Errors are `{"detail": …}` or `{"error": {"message": …}}`, else any text.
    String explain(int status, String body) {
        String detail = body.strip();
        try {
            JsonNode json = Json.MAPPER.readTree(body);
            JsonNode said = json.path("detail");
            if (said.isMissingNode()) {
                said = json.path("error").path("message");
            }
            if (!said.isMissingNode()) {
                detail = said.isString() ? said.asString() : said.toString();
            }
        } catch (JacksonException notJson) {
            // The text itself is the explanation.
        }
        if (detail.isEmpty()) {
            detail = "the server answered %d without saying why".formatted(status);
        }
        return status == 401 ? detail + " (key from " + server.keySource() + ")" : detail;
    }
}
