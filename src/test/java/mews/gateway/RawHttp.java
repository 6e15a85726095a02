package mews.gateway;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What tests see of HTTP below its clients.
final class RawHttp {
    private RawHttp() {}

    static @Nullable String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse(null);
    }

    static Socket socket(GatewayFixture fixture) throws Exception {
        Socket socket = new Socket("127.0.0.1", fixture.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    static void say(OutputStream out, String text) throws Exception {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    static String readUntil(InputStream in, String end) throws Exception {
        StringBuilder all = new StringBuilder();
        while (all.indexOf(end) < 0) {
            int next = in.read();
            if (next < 0) {
                return all + "<closed>";
            }
            all.append((char) next);
        }
        return all.toString();
    }
}
