package mews.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One call whose answer goes to standard output.
final class SyncCall {
    private static final int BUFFER = 65_536;

    private final Rest rest;
    private final Progress progress;

    SyncCall(Rest rest, Progress progress) {
        this.rest = rest;
        this.progress = progress;
    }

    /// @param path on the server, or a whole URL
    /// @return the exit code
    int run(String method, String path, byte @Nullable [] body, Map<String, String> headers)
            throws IOException {
        progress.step("calling " + path);
        try (Rest.Answer answer = rest.send(method, path, body, headers)) {
            progress.done();
            return print(answer);
        }
    }

    int print(Rest.Answer answer) throws IOException {
        if (!answer.ok()) {
            throw Failure.failed("%s", failure(answer));
        }
        PrintStream out = Terminal.ofProcess().out();
        String type = answer.header("Content-Type");
        if (type.startsWith("text/event-stream")) {
            events(answer.body(), out);
        } else if (type.startsWith("text/") || type.contains("json") || type.isEmpty()) {
            out.write(answer.bytes());
            out.println();
        } else if (Boolean.getBoolean("mews.terminal.out")) {
            throw Failure.failed(
                    "the answer is %s, %d bytes: send standard output to a file or a program",
                    type, answer.bytes().length);
        } else {
            copy(answer.body(), out);
        }
        out.flush();
        return 0;
    }

    private String failure(Rest.Answer answer) throws IOException {
        String type = answer.header("x-fal-error-type");
        String said =
                "the call failed with %d%s: %s"
                        .formatted(
                                answer.status(),
                                type.isEmpty() ? "" : " " + type,
                                rest.explain(answer.status(), answer.text()));
        String request = answer.header("x-fal-request-id");
        // What is the caller's fault is told in full by the answer.
        return answer.status() < 500 || request.isEmpty()
                ? said
                : "%s%nwhat it printed: mews logs --request %s%nwhere its time went: mews explain %s"
                        .formatted(said, request, request);
    }

    private static void events(InputStream body, PrintStream out) throws IOException {
        Events.read(
                new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8)),
                (event, data) -> {
                    out.println(data);
                    out.flush();
                });
    }

    private static void copy(InputStream body, PrintStream out) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            out.write(buffer, 0, n);
            out.flush();
        }
    }
}
