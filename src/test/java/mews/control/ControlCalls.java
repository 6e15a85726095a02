package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import mews.fleet.RunnerOrder;
import mews.model.AppName;
import mews.model.Route;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.ListAliasesRequest;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.RegisterApplicationResult;
import org.junit.jupiter.api.AfterEach;

/// What the tests of the gRPC calls share: a server of their own, and how it is asked.
abstract class ControlCalls {
    static final AppName HELLO = new AppName(ControlFixture.ACCOUNT, "hello");

    final ControlFixture fixture = new ControlFixture();
    final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        fixture.close();
        threads.close();
    }

    RegisterApplicationResult deploy(RegisterApplicationRequest.Builder request) {
        return all(fixture.grpc().registerApplication(request.build())).getLast();
    }

    UUID start(AppName app) {
        Route route = fixture.deployment.routes().find(app);
        return fixture.fleet.start(
                new RunnerOrder(
                        route.revision(),
                        route.alias().generation(),
                        mews.model.MachineCatalog.standard().find("S").orElseThrow(),
                        1,
                        route.alias().startupTimeout(),
                        null));
    }

    List<AliasInfo> aliases() {
        return fixture.grpc().listAliases(ListAliasesRequest.getDefaultInstance()).getAliasesList();
    }

    Route route() {
        return fixture.deployment.routes().find(HELLO);
    }

    UUID serving() {
        return route().alias().serving();
    }

    static <T> Iterator<T> callIn(
            Context.CancellableContext context, java.util.function.Supplier<Iterator<T>> call) {
        List<Iterator<T>> made = new ArrayList<>();
        context.run(() -> made.add(call.get()));
        return made.getFirst();
    }

    static <T> List<T> all(Iterator<T> messages) {
        List<T> all = new ArrayList<>();
        messages.forEachRemaining(all::add);
        return all;
    }

    static void assertStatus(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call,
            Status.Code code,
            String text) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failure -> {
                            assertThat(failure.getStatus().getCode()).isEqualTo(code);
                            assertThat(failure.getStatus().getDescription()).contains(text);
                        });
    }
}
