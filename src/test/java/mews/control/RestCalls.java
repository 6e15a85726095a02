package mews.control;

import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.UUID;
import mews.base.Json;
import mews.deploy.Deployer;
import mews.model.AppName;
import mews.model.DeploymentStrategy;
import mews.model.LogLine;
import mews.testing.Specs;
import org.junit.jupiter.api.AfterEach;
import tools.jackson.databind.JsonNode;

/// What the tests of the REST endpoints share: a server of their own, and how it is asked.
abstract class RestCalls {
    static final AppName HELLO = new AppName(ControlFixture.ACCOUNT, "hello");
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    final ControlFixture fixture = new ControlFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    void deploy() throws InterruptedException {
        fixture.deployment
                .deployer()
                .deploy(
                        new Deployer.Registration(
                                HELLO, Specs.app(), null, DeploymentStrategy.ROLLING, false, false),
                        line -> {});
    }

    static LogLine line(
            Instant at, String message, @org.jspecify.annotations.Nullable UUID runner) {
        return new LogLine(
                at,
                LogLine.Level.STDOUT,
                LogLine.Source.USER,
                HELLO.owner(),
                HELLO,
                null,
                runner,
                null,
                message);
    }

    static JsonNode json(HttpResponse<String> response) {
        return Json.MAPPER.readTree(response.body());
    }
}
