package mews.gateway;

import static mews.gateway.GatewayFixture.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import mews.deploy.Workflows.Workflow;
import mews.model.Fact;
import mews.queue.Queue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Queued runs of workflows, and whoever runs them ends or comes too late.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkflowRestartIT {
    private static final String[] ADA = {"authorization", "Key ada:secret"};
    private static final String HOLDS =
            """
            {"nodes": {"held": {"type": "run", "id": "held", "app": "ada/hello/hold", "input": {"word": "$input.word"}}},
             "output": {"said": "$held"}}
            """;

    private GatewayFixture fixture;

    @BeforeAll
    void open() throws Exception {
        fixture = new GatewayFixture();
        fixture.runs.close();
        fixture.runner(4);
        fixture.workflows.create(new Workflow("ada", "holds", "", HOLDS, false, Instant.now()));
    }

    @AfterAll
    void close() {
        fixture.close();
    }

    @Test
    void aRunThatItsServerPutBackFindsItsNodesAgainAndEndsOnce() throws Exception {
        long before = fixture.app.count("request", "/hold");
        UUID run;
        try (WorkflowRuns _ = runs(fixture.queue)) {
            run = submit();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> fixture.app.count("request", "/hold") == before + 1);
        }
        assertThat(state(run)).isEqualTo(Queue.State.IN_QUEUE);

        try (WorkflowRuns _ = runs(fixture.queue)) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> state(run) == Queue.State.IN_PROGRESS);
            fixture.app.letGo("\"at last\"");
            awaitEnd(run);
        }

        assertThat(fixture.app.count("request", "/hold")).isEqualTo(before + 1);
        assertThat(ends(run)).isEqualTo(1);
        assertThat(fixture.queue.result(run).orElseThrow().body())
                .asString()
                .isEqualTo("{\"said\":\"at last\"}");
    }

    @Test
    void aCancelThatComesWhileARunIsTakenUpIsHeard() throws Exception {
        UUID run = submit();
        try (WorkflowRuns _ = runs(cancelledOnceLeased(run))) {
            awaitEnd(run);
        }

        assertThat(fixture.queue.result(run).orElseThrow().status()).isEqualTo(499);
        assertThat(fixture.queue.find(NodeCall.idOf(run, "held"))).isEmpty();
    }

    private WorkflowRuns runs(Queue queue) {
        return WorkflowRuns.start(fixture.workflows, fixture.routes, queue, InstantSource.system());
    }

    /// The queue, in which the caller is quicker than whoever just got the lease.
    private Queue cancelledOnceLeased(UUID run) {
        return (Queue)
                Proxy.newProxyInstance(
                        Queue.class.getClassLoader(),
                        new Class<?>[] {Queue.class},
                        (proxy, method, arguments) -> {
                            try {
                                Object answer = method.invoke(fixture.queue, arguments);
                                if (method.getName().equals("lease")
                                        && answer instanceof List<?> leases
                                        && !leases.isEmpty()) {
                                    fixture.queue.cancel(run, Instant.now());
                                }
                                return answer;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private UUID submit() throws Exception {
        HttpResponse<String> submitted =
                fixture.post("/queue/workflows/ada/holds", "{\"word\":\"hi\"}", ADA);
        assertThat(submitted.statusCode()).as(submitted.body()).isEqualTo(200);
        return UUID.fromString(json(submitted).path("request_id").asString());
    }

    private void awaitEnd(UUID id) {
        await().atMost(Duration.ofSeconds(30)).until(() -> state(id) == Queue.State.COMPLETED);
    }

    private Queue.State state(UUID id) {
        return fixture.queue.find(id).orElseThrow().state();
    }

    private long ends(UUID id) {
        return fixture.history.events(Fact.Subject.REQUEST, id.toString()).stream()
                .filter(event -> event.equals("completed"))
                .count();
    }
}
