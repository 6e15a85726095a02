package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import mews.wire.proto.Controller;
import mews.wire.proto.ListAliasesRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Input that fits the schema and makes no sense, and bytes that do not even fit: every RPC and
/// every endpoint answers in time, in words and without a fault of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MalformedIT {
    private static final long SEED = Long.getLong("mews.seed", 42);
    private static final boolean LONG = Boolean.getBoolean("mews.long");
    private static final Duration TIME = LONG ? Duration.ofMinutes(5) : Duration.ofSeconds(10);

    /// Beyond it nothing is learned in the short run.
    private static final int MOST = LONG ? Integer.MAX_VALUE : 1500;

    private static final Set<Status.Code> FAULTS =
            Set.of(Status.Code.INTERNAL, Status.Code.UNKNOWN);

    private final ControlFixture control = new ControlFixture();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Malformed malformed = new Malformed(SEED);
    private final List<String> faults = new ArrayList<>();

    @AfterAll
    void close() {
        http.shutdownNow();
        control.close();
    }

    @Test
    void everyCallRefusesInWords() {
        List<MethodDescriptor> methods =
                Controller.getDescriptor().findServiceByName("IsolateController").getMethods();
        int calls = 0;
        for (Instant end = Instant.now().plus(TIME);
                calls < MOST && Instant.now().isBefore(end); ) {
            MethodDescriptor method = methods.get(calls++ % methods.size());
            byte[] request =
                    malformed.below(5) == 0
                            ? malformed.bytes()
                            : malformed.message(method.getInputType()).toByteArray();
            call(method, request);
        }
        System.out.printf("seed %d: %d calls%n", SEED, calls);
        assertThat(calls).isGreaterThan(methods.size());
        assertThat(faults).as("seed %d", SEED).isEmpty();
        control.grpc().listAliases(ListAliasesRequest.getDefaultInstance());
    }

    @Test
    void everyEndpointRefusesInWords() throws Exception {
        List<Router.Route> routes = control.routes();
        int calls = 0;
        for (Instant end = Instant.now().plus(TIME);
                calls < MOST && Instant.now().isBefore(end); ) {
            ask(routes.get(calls++ % routes.size()));
        }
        System.out.printf("seed %d: %d requests%n", SEED, calls);
        assertThat(calls).isGreaterThan(routes.size());
        assertThat(faults).as("seed %d", SEED).isEmpty();
        control.grpc().listAliases(ListAliasesRequest.getDefaultInstance());
    }

    private void call(MethodDescriptor method, byte[] request) {
        var wire =
                io.grpc.MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(
                                method.isServerStreaming()
                                        ? io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING
                                        : io.grpc.MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(
                                method.getService().getFullName() + "/" + method.getName())
                        .setRequestMarshaller(new Plain())
                        .setResponseMarshaller(new Plain())
                        .build();
        var channel =
                io.grpc.ClientInterceptors.intercept(
                        control.channel(),
                        MetadataUtils.newAttachHeadersInterceptor(
                                ControlFixture.credentials(
                                        control.admin.id(), control.admin.secret())));
        // Who runs something that makes sense by chance waits for it.
        boolean mayRun = method.getName().equals("Run");
        CallOptions patience =
                CallOptions.DEFAULT.withDeadlineAfter(mayRun ? 1 : 20, TimeUnit.SECONDS);
        try {
            ClientCalls.blockingServerStreamingCall(channel, wire, patience, request)
                    .forEachRemaining(message -> {});
        } catch (StatusRuntimeException e) {
            Status.Code code = e.getStatus().getCode();
            boolean stuck = code == Status.Code.DEADLINE_EXCEEDED && !mayRun;
            boolean wordless = String.valueOf(e.getStatus().getDescription()).length() < 5;
            if (FAULTS.contains(code) || stuck || wordless) {
                faults.add("%s %s %s".formatted(method.getName(), e.getStatus(), hex(request)));
            }
        }
    }

    private void ask(Router.Route route) throws Exception {
        StringBuilder path = new StringBuilder();
        for (String segment : route.pattern()) {
            String said = malformed.below(3) == 0 ? "hello" : encoded(malformed.text());
            path.append('/').append(segment.startsWith("{") ? said : segment);
        }
        path.append("?since=").append(encoded(malformed.text()));
        path.append("&page_size=").append(encoded(malformed.text()));
        path.append("&job_id=").append(encoded(malformed.text()));
        String body = malformed.json(0);
        HttpRequest request =
                HttpRequest.newBuilder(control.uri(path.toString()))
                        .method(route.method().name(), HttpRequest.BodyPublishers.ofString(body))
                        .header("Authorization", "Key " + control.admin.text())
                        .header("Content-Type", type())
                        .build();
        String asked = "%s %s %s".formatted(route.method(), path, body);
        boolean endless = route.pattern().contains("stream");
        var coming = http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        try {
            int status = coming.get(endless ? 1 : 20, TimeUnit.SECONDS).statusCode();
            if (status >= 500 && status != 501 && status != 503) {
                faults.add("%d %s".formatted(status, asked));
            }
        } catch (TimeoutException e) {
            coming.cancel(true);
            if (!endless) {
                faults.add("stuck " + asked);
            }
        } catch (ExecutionException e) {
            faults.add("%s %s".formatted(e.getCause(), asked));
        }
    }

    private String type() {
        List<String> types =
                List.of(
                        "application/json",
                        "multipart/form-data; boundary=x",
                        "multipart/form-data",
                        "text/plain",
                        "nonsense");
        return types.get(malformed.below(types.size()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 400));
    }

    /// Bytes as they are.
    private static final class Plain implements io.grpc.MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
