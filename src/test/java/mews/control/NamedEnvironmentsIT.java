package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.Map;
import mews.model.AppName;
import mews.model.Fact;
import mews.model.Route;
import mews.wire.proto.CreateEnvironmentRequest;
import mews.wire.proto.DeleteEnvironmentRequest;
import mews.wire.proto.ListApplicationsRequest;
import mews.wire.proto.ListEnvironmentsRequest;
import mews.wire.proto.SetSecretRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Apps in environments other than `main`. protocol: platform 9
@Timeout(60)
class NamedEnvironmentsIT {
    private static final AppName MAIN = new AppName(ControlFixture.ACCOUNT, "hello");
    private static final AppName STAGED = new AppName(ControlFixture.ACCOUNT, "hello--qa");

    private final ControlFixture fixture = new ControlFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void theSameCodeInTwoIsTwoAppsAndOneGoesWithItsEnvironment() {
        fixture.grpc()
                .createEnvironment(CreateEnvironmentRequest.newBuilder().setName("qa").build());
        fixture.grpc()
                .setSecret(
                        SetSecretRequest.newBuilder()
                                .setName("TOKEN")
                                .setValue("s3cret")
                                .setEnvironmentName("qa")
                                .build());
        deploy("hello", "main");
        deploy("hello--qa", "qa");
        fixture.history.record(
                new Fact(
                        Instant.now(),
                        Fact.Subject.REQUEST,
                        "of-qa",
                        STAGED,
                        "completed",
                        Map.of()));
        fixture.history.flush();

        Route one = fixture.deployment.routes().find(MAIN);
        Route other = fixture.deployment.routes().find(STAGED);
        assertThat(one.revision().id()).isNotEqualTo(other.revision().id());

        delete("qa");

        assertThat(fixture.deployment.routes().find(STAGED)).isNull();
        assertThat(fixture.deployment.routes().find(MAIN)).isEqualTo(one);
        assertThat(
                        fixture.grpc()
                                .listApplications(ListApplicationsRequest.getDefaultInstance())
                                .getApplicationsList())
                .extracting(app -> app.getApplicationId())
                .containsExactly(one.revision().id().toString());
        assertThat(fixture.history.of(Fact.Subject.REQUEST, "of-qa")).isEmpty();
        assertThat(fixture.secrets.find(ControlFixture.ACCOUNT, "qa", "TOKEN")).isEmpty();
        assertThat(
                        fixture.grpc()
                                .listEnvironments(ListEnvironmentsRequest.getDefaultInstance())
                                .getEnvironmentsList())
                .hasSize(1);
    }

    @Test
    void theMainOneStaysWithItsApps() {
        deploy("hello", "main");

        assertThatThrownBy(() -> delete("main"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("'main' cannot be deleted");
        assertThatThrownBy(() -> delete("nowhere"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("no environment 'nowhere'");
        assertThat(fixture.deployment.routes().find(MAIN)).isNotNull();
    }

    private void deploy(String name, String environment) {
        var request = Requests.registration(name).setEnvironmentName(environment).build();
        fixture.grpc().registerApplication(request).forEachRemaining(message -> {});
    }

    private void delete(String environment) {
        fixture.grpc()
                .deleteEnvironment(
                        DeleteEnvironmentRequest.newBuilder().setName(environment).build());
    }
}
