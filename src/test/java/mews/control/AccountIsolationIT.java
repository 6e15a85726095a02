package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import mews.account.Keys;
import mews.model.AppName;
import mews.model.LogLine;
import mews.wire.proto.Controller;
import mews.wire.proto.CreateEnvironmentRequest;
import mews.wire.proto.ListAliasesRequest;
import mews.wire.proto.ListApplicationsRequest;
import mews.wire.proto.ListEnvironmentsRequest;
import mews.wire.proto.ListRunnersRequest;
import mews.wire.proto.ListSecretsRequest;
import mews.wire.proto.ListUserKeysRequest;
import mews.wire.proto.SetSecretRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Every RPC and every endpoint, asked by somebody else with the right names and ids of what an
/// account has: nothing of it is shown, nothing of it changes. New ones are in here by themselves.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccountIsolationIT {
    private static final String MARK = "for-its-owner-only";
    private static final AppName APP = new AppName(ControlFixture.ACCOUNT, "hello");

    /// What anyone may ask without a key: nobody's, or protected by an unguessable key in the path.
    private static final Set<String> OPEN = Set.of("/health", "/v1/mews/addresses", "/storage/");

    private final ControlFixture control = new ControlFixture();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> known = new TreeMap<>();
    private Keys.NewKey stranger = control.otherAccount("stranger");
    private String before = "";

    @BeforeAll
    void anAccountWithSomethingOfEverything() throws IOException {
        var grpc = control.grpc();
        grpc.registerApplication(
                        Requests.registration("hello")
                                .setSourceCode(MARK)
                                .setMetadata(
                                        Struct.newBuilder()
                                                .putFields("message", Requests.text(MARK)))
                                .build())
                .forEachRemaining(message -> {});
        grpc.createEnvironment(
                CreateEnvironmentRequest.newBuilder()
                        .setName("staging")
                        .setDescription(MARK)
                        .build());
        grpc.setSecret(SetSecretRequest.newBuilder().setName("TOKEN").setValue(MARK).build());
        UUID revision = control.deployment.aliases().find(APP).orElseThrow().serving();
        UUID runner = control.startRunner(APP);
        control.logs.append(
                new LogLine(
                        Instant.now(),
                        LogLine.Level.ERROR,
                        LogLine.Source.USER,
                        APP.owner(),
                        APP,
                        revision,
                        runner,
                        null,
                        MARK));
        control.logs.flush();
        Path data = control.home.data(APP.owner());
        Files.createDirectories(data);
        Files.writeString(data.resolve("file"), MARK);
        Stream.of("application_name", "alias", "app").forEach(name -> known.put(name, "hello"));
        Stream.of("application_id", "revision", "app_rev", "from", "to")
                .forEach(name -> known.put(name, revision.toString()));
        Stream.of("runner_id", "job_id", "id").forEach(name -> known.put(name, runner.toString()));
        known.put("key_id", control.admin.id());
        known.put("owner", APP.owner());
        known.put("user", APP.owner());
        known.put("name", "staging");
        known.put("path", "data/file");
        before = state();
    }

    @AfterAll
    void close() {
        http.shutdownNow();
        control.close();
    }

    @TestFactory
    Stream<DynamicTest> noCall() {
        return Controller.getDescriptor()
                .findServiceByName("IsolateController")
                .getMethods()
                .stream()
                .flatMap(method ->
                        Stream.of("staging", "TOKEN")
                                .map(name ->
                                        dynamicTest(
                                                method.getName() + " " + name,
                                                () -> {
                                                    String shown =
                                                            call(
                                                                    method,
                                                                    name,
                                                                    stranger.id(),
                                                                    stranger.secret());
                                                    assertThat(shown).doesNotContain(MARK);
                                                    assertThat(state()).isEqualTo(before);
                                                })));
    }

    @TestFactory
    Stream<DynamicTest> noCallWithoutAnAdminKey() {
        return Controller.getDescriptor()
                .findServiceByName("IsolateController")
                .getMethods()
                .stream()
                .map(method ->
                        dynamicTest(
                                method.getName(),
                                () -> {
                                    assertThat(
                                                    call(
                                                            method,
                                                            "TOKEN",
                                                            "nobody-" + method.getName(),
                                                            "nothing"))
                                            .startsWith(Status.Code.UNAUTHENTICATED.name());
                                    assertThat(
                                                    call(
                                                            method,
                                                            "TOKEN",
                                                            control.caller.id(),
                                                            control.caller.secret()))
                                            .startsWith(Status.Code.PERMISSION_DENIED.name());
                                }));
    }

    @TestFactory
    Stream<DynamicTest> noEndpoint() {
        return control.routes().stream()
                .map(route ->
                        dynamicTest(
                                name(route),
                                () -> {
                                    Answer answer = ask(route, "Key " + stranger.text());
                                    assertThat(answer.body()).doesNotContain(MARK);
                                    assertThat(answer.status()).isLessThan(500);
                                    assertThat(state()).isEqualTo(before);
                                }));
    }

    @TestFactory
    Stream<DynamicTest> noEndpointWithoutAKey() {
        return control.routes().stream()
                .filter(route -> OPEN.stream().noneMatch(path(route)::startsWith))
                .map(route ->
                        dynamicTest(
                                name(route),
                                () -> {
                                    assertThat(ask(route, null).status()).isEqualTo(401);
                                    if (route.access() == Router.Access.ADMIN) {
                                        assertThat(
                                                        ask(route, "Key " + control.caller.text())
                                                                .status())
                                                .isEqualTo(403);
                                    }
                                }));
    }

    private String call(MethodDescriptor method, String name, String id, String secret) {
        var wire =
                io.grpc.MethodDescriptor.<Message, Message>newBuilder()
                        .setType(
                                method.isServerStreaming()
                                        ? io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING
                                        : io.grpc.MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(
                                method.getService().getFullName() + "/" + method.getName())
                        .setRequestMarshaller(
                                ProtoUtils.marshaller(
                                        DynamicMessage.getDefaultInstance(method.getInputType())))
                        .setResponseMarshaller(
                                ProtoUtils.marshaller(
                                        DynamicMessage.getDefaultInstance(method.getOutputType())))
                        .build();
        var channel =
                io.grpc.ClientInterceptors.intercept(
                        control.channel(),
                        MetadataUtils.newAttachHeadersInterceptor(
                                ControlFixture.credentials(id, secret)));
        StringBuilder shown = new StringBuilder();
        try {
            ClientCalls.blockingServerStreamingCall(
                            channel,
                            wire,
                            CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS),
                            request(method, name))
                    .forEachRemaining(shown::append);
            return "OK " + shown;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + " " + e.getStatus().getDescription() + " " + shown;
        }
    }

    private Message request(MethodDescriptor method, String name) {
        DynamicMessage.Builder request = DynamicMessage.newBuilder(method.getInputType());
        for (FieldDescriptor field : method.getInputType().getFields()) {
            String value = field.getName().equals("name") ? name : known.get(field.getName());
            if (value != null && field.getType() == FieldDescriptor.Type.STRING) {
                request.setField(field, value);
            }
        }
        return request.build();
    }

    private record Answer(int status, String body) {}

    private Answer ask(Router.Route route, @Nullable String key) throws Exception {
        String body = "{\"hash\":\"x\",\"destination\":\"/data/stolen\",\"hashes\":[]}";
        HttpRequest.Builder request =
                HttpRequest.newBuilder(control.uri(path(route) + "?job_id=" + known.get("job_id")))
                        .method(route.method().name(), HttpRequest.BodyPublishers.ofString(body));
        if (key != null) {
            request.header("Authorization", key);
        }
        var coming = http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
        try {
            HttpResponse<String> answer = coming.get(5, TimeUnit.SECONDS);
            return new Answer(answer.statusCode(), answer.body());
        } catch (TimeoutException e) {
            // A stream that nothing is sent on.
            coming.cancel(true);
            assertThat(name(route)).contains("stream");
            return new Answer(200, "");
        }
    }

    private String path(Router.Route route) {
        StringBuilder path = new StringBuilder();
        for (String segment : route.pattern()) {
            String part = segment.replaceAll("[{}.]", "");
            path.append('/')
                    .append(segment.startsWith("{") ? known.getOrDefault(part, "1") : segment);
        }
        return path.toString();
    }

    private String name(Router.Route route) {
        return route.method() + " " + String.join("/", route.pattern());
    }

    private String state() throws IOException {
        var grpc = control.grpc();
        return String.join(
                "\n",
                List.of(
                        grpc.listAliases(ListAliasesRequest.getDefaultInstance()).toString(),
                        grpc.listApplications(ListApplicationsRequest.getDefaultInstance())
                                .toString(),
                        grpc.listSecrets(ListSecretsRequest.getDefaultInstance()).toString(),
                        grpc.listEnvironments(ListEnvironmentsRequest.getDefaultInstance())
                                .toString(),
                        grpc.listUserKeys(ListUserKeysRequest.getDefaultInstance()).toString(),
                        grpc.listRunners(ListRunnersRequest.getDefaultInstance())
                                .toString()
                                .replaceAll("(uptime|expiration_countdown): .*", ""),
                        Files.readString(control.home.data(APP.owner()).resolve("file"))));
    }
}
