package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import mews.fleet.FleetFixture.Job;
import mews.fleet.TestContainers.Settings;
import mews.model.Callable;
import mews.model.Image;
import mews.model.RunnerView;
import mews.testing.ContainersHere;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Code on the Python of a container image.
@ContainersHere
class ContainerPythonIT {
    private static FleetFixture host;
    private static TestContainers containers;

    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture();
        assumeTrue(host.sandbox.noRoots().isEmpty(), host.sandbox.noRoots());
        containers = TestContainers.in(host);
        if (host.layout().support(TestContainers.MINOR).isEmpty()) {
            host.support(TestContainers.MINOR);
        }
    }

    @AfterAll
    static void close() throws IOException {
        host.close();
    }

    @Test
    void anEntryPointServes() throws IOException {
        Image image = containers.python(new Settings().user("app").env("MINE", "green").readOnly());
        RunnerView runner =
                host.ready(
                        host.start(new Wish(new Callable.EntryPoint("inside:serve")).image(image)));

        var told = host.call(runner, "/", Map.of());

        assertThat(told.path("python").asString()).isEqualTo("/usr/bin/python3");
        assertThat(told.path("version").asString()).isEqualTo(TestContainers.MINOR);
        assertThat(told.path("uid").asInt()).isEqualTo(1000);
        assertThat(told.path("cwd").asString()).isEqualTo("/srv");
        assertThat(told.path("home").asString()).isEqualTo("/tmp");
        assertThat(told.path("mine").asString()).isEqualTo("green");
        assertThat(told.path("job").asString()).isEqualTo(runner.id().toString());
        assertThat(told.path("pickler").asString()).startsWith("/.mews/support/");
        assertThat(told.path("app").asBoolean()).isFalse();
    }

    @Test
    void aFunctionReturns() throws Exception {
        Job job = new Job();
        byte[] pickle = "cinside\ntold\n.".getBytes(StandardCharsets.UTF_8);
        host.start(
                new Wish(new Callable.Pickled("pickle", pickle, null))
                        .port(null)
                        .job(job)
                        .image(containers.python(new Settings())));

        JobListener.Outcome outcome = job.outcome.get(90, TimeUnit.SECONDS);

        assertThat(outcome.raised()).isFalse();
        assertThat(new String(outcome.definition(), StandardCharsets.ISO_8859_1))
                .contains("/usr/bin/python3")
                .contains("/root");
    }
}
