package mews.cli;

import com.sun.net.httpserver.HttpServer;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import mews.base.Json;
import mews.wire.proto.IsolateControllerGrpc;
import mews.wire.proto.ListAliasesRequest;
import org.tomlj.Toml;
import picocli.CommandLine;

/// Uses once what commands use, so that the JVM records those classes for its start-up cache. Talks
/// only to servers of its own on loopback; reads and changes nothing else.
public final class Training {
    private Training() {}

    public static int run() throws IOException {
        useCommandLine();
        useFormats();
        useGrpc();
        useRest();
        return 0;
    }

    private static void useCommandLine() {
        for (Commands.Entry entry : Commands.with(whileUsed -> 0).entries()) {
            CommandLine command = MewsCommand.commandLine(entry);
            command.setOut(new PrintWriter(Writer.nullWriter()));
            command.setErr(new PrintWriter(Writer.nullWriter()));
            command.execute("--help");
            command.execute("--no-such-option");
        }
    }

    private static void useFormats() {
        Toml.parse("[tool.fal.apps.hello]\nref = \"app.py::Hello\"\nregions = [\"us-east\"]\n");
        Json.write(Json.MAPPER.readTree("{\"name\": [\"Ada\", 1.5, true, null]}"));
    }

    private static void useGrpc() throws IOException {
        Server server =
                OkHttpServerBuilder.forPort(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                InsecureServerCredentials.create())
                        .build()
                        .start();
        ManagedChannel channel =
                OkHttpChannelBuilder.forAddress("127.0.0.1", server.getPort())
                        .usePlaintext()
                        .build();
        try {
            IsolateControllerGrpc.newBlockingStub(channel)
                    .listAliases(ListAliasesRequest.getDefaultInstance());
        } catch (StatusRuntimeException expected) {
            // The little server offers no service; the way there and back is what is to be seen.
            Problems.message(expected);
        } finally {
            channel.shutdownNow();
            server.shutdownNow();
        }
    }

    private static void useRest() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(200, 2);
                    exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
                    exchange.close();
                });
        server.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
            connection.setRequestProperty("Authorization", "Key id:secret");
            connection.setDoOutput(true);
            connection.getOutputStream().write("{}".getBytes(StandardCharsets.UTF_8));
            connection.getInputStream().readAllBytes();
        } finally {
            server.stop(0);
        }
    }
}
