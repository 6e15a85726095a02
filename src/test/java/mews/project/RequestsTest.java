package mews.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.model.AppFile;
import mews.model.AuthMode;
import mews.wire.proto.ApplicationAuthMode;
import mews.wire.proto.DeploymentStrategy;
import mews.wire.proto.MachineRequirements;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.RetryCondition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestsTest {
    private static final Requests.Choices ALL =
            new Requests.Choices(
                    "other",
                    AuthMode.SHARED,
                    "staging",
                    "L",
                    true,
                    List.of(new AppFile("h", "a.txt")));

    @TempDir Path folder;

    @Test
    void fillsInWhatAnDeclaredAppDoesNotSay() throws IOException {
        LoadedApp app = app("");

        var run = new Requests(app, Requests.Choices.NONE).run();

        assertThat(run.getEntrypoint()).isEqualTo("demo.server:Demo.run_local");
        assertThat(run.getApplicationName()).isEqualTo("demo.server:Demo.run_local");
        assertThat(run.getAuthMode()).isEqualTo(ApplicationAuthMode.PUBLIC);
        assertThat(run.hasSecrets()).isFalse();
        assertThat(run.getBuildEnvironment()).isFalse();
        MachineRequirements machine = run.getMachineRequirements();
        assertThat(machine.getMachineTypesList()).containsExactly("XS");
        assertThat(machine.getExposedPort()).isEqualTo(8080);
        assertThat(machine.getMetricsPort()).isEqualTo(9090);
        assertThat(machine.getKeepAlive()).isEqualTo(10);
        assertThat(machine.hasMaxConcurrency()).isFalse();
    }

    @Test
    void sendsEverythingThatTheFileSays() throws IOException {
        RegisterApplicationRequest register =
                new Requests(
                                app(
                                        """
                                        name = "fancy"
                                        auth = "shared"
                                        deployment_strategy = "recreate"
                                        app_scale_settings = true
                                        min_concurrency = 1
                                        scaling_delay = 4
                                        request_start_timeout = 9
                                        regions = ["us-east"]
                                        private_logs = true
                                        secrets = []
                                        data_mounts = ["/data/x"]
                                        termination_grace_period_seconds = 7
                                        skip_retry_conditions = ["timeout"]
                                        retry_config = { server_error = { retries = 3 } }
                                        health_check = { path = "/up", method = "post" }
                                        """),
                                Requests.Choices.NONE)
                        .register(Requests.Deploy.PLAIN);

        assertThat(register.getApplicationName()).isEqualTo("fancy");
        assertThat(register.getAuthMode()).isEqualTo(ApplicationAuthMode.SHARED);
        assertThat(register.getDeploymentStrategy()).isEqualTo(DeploymentStrategy.RECREATE);
        assertThat(register.getScale()).isTrue();
        assertThat(register.getMachineRequirements().getScalingDelaySeconds()).isEqualTo(4);
        assertThat(register.getMachineRequirements().getValidRegionsList())
                .containsExactly("us-east");
        assertThat(register.getPrivateLogs()).isTrue();
        assertThat(register.hasSecrets()).isTrue();
        assertThat(register.getDataMountsList()).containsExactly("/data/x");
        assertThat(register.getTerminationGracePeriodSeconds()).isEqualTo(7);
        assertThat(register.getSkipRetryConditionsList()).containsExactly(RetryCondition.TIMEOUT);
        assertThat(register.getRetryConfig()).isEqualTo("{\"server_error\":{\"retries\":3}}");
        assertThat(register.getHealthCheckConfig().getPath()).isEqualTo("/up");
        assertThat(register.getHealthCheckConfig().getMethod().name()).isEqualTo("POST");
    }

    @Test
    void letsTheCommandLineWin() throws IOException {
        Requests requests = new Requests(app("auth = \"private\"\nmachine_type = \"S\"\n"), ALL);
        var deploy =
                new Requests.Deploy(
                        mews.model.DeploymentStrategy.RECREATE,
                        true,
                        null,
                        "why",
                        Map.of("k", "v"),
                        null);

        RegisterApplicationRequest register = requests.register(deploy);

        assertThat(register.getApplicationName()).isEqualTo("other--staging");
        assertThat(register.getEnvironmentName()).isEqualTo("staging");
        assertThat(register.getAuthMode()).isEqualTo(ApplicationAuthMode.SHARED);
        assertThat(register.getMachineRequirements().getMachineTypesList()).containsExactly("L");
        assertThat(register.getFilesList()).hasSize(1);
        assertThat(register.getScale()).isTrue();
        assertThat(register.getMetadata().getFieldsOrThrow("message").getStringValue())
                .isEqualTo("why");
        assertThat(requests.run().getAuthMode()).isEqualTo(ApplicationAuthMode.SHARED);
    }

    @Test
    void forcesABuildOnlyWhereItIsBuilt() throws IOException {
        Requests requests = new Requests(app(""), ALL);

        assertThat(requests.buildForDeploy().getEnvironments(0).getForce()).isTrue();
        assertThat(requests.register(Requests.Deploy.PLAIN).getEnvironments(0).getForce())
                .isFalse();
    }

    @Test
    void runsPubliclyWhateverTheFileSays() throws IOException {
        var run = new Requests(app("auth = \"private\"\n"), Requests.Choices.NONE).run();

        assertThat(run.getAuthMode()).isEqualTo(ApplicationAuthMode.PUBLIC);
    }

    @Test
    void leavesTheMainEnvironmentUnnamed() throws IOException {
        var main = new Requests.Choices("x", null, "main", null, false, List.of());

        var run = new Requests(app(""), main).run();

        assertThat(run.getApplicationName()).isEqualTo("x");
        assertThat(run.hasEnvironmentName()).isFalse();
    }

    @Test
    void asksAnEntryPointForItsMetadata() throws IOException {
        var probe = new Requests(app(""), Requests.Choices.NONE).probe();

        assertThat(probe).isNotNull();
        assertThat(probe.getEntrypoint()).isEqualTo("demo.server:Demo.build_metadata");
    }

    @Test
    void ourOwnSnapshotTravelsInTheMetadata() throws IOException {
        LoadedApp app = app("[tool.mews.apps.demo]\nsnapshot = \"after-setup\"\n");

        RegisterApplicationRequest register =
                new Requests(app, Requests.Choices.NONE).register(Requests.Deploy.PLAIN);

        assertThat(
                        register.getMetadata()
                                .getFieldsOrThrow("mews")
                                .getStructValue()
                                .getFieldsOrThrow("snapshot")
                                .getStringValue())
                .isEqualTo("after-setup");
    }

    private LoadedApp app(String settings) throws IOException {
        Path file = folder.resolve("pyproject.toml");
        Files.writeString(
                file,
                "[tool.fal.apps.demo]\npython_entry_point = \"demo.server:Demo\"\n" + settings);
        ProjectFile project = ProjectFile.read(file);
        ProjectApp app = project.apps().get("demo");
        assertThat(app).as("%s", project.problems()).isNotNull();
        return DeclaredApp.of(app, "3.12");
    }
}
