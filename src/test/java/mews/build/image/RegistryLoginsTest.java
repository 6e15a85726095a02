package mews.build.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mews.base.Json;
import mews.build.EnvironmentBuilder;
import mews.model.EnvironmentSpec;
import mews.model.MachineKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What a builder is told of the users and passwords of registries.
class RegistryLoginsTest {
    /// As the documents of a cloud's registry have it for a user `_json_key`.
    private static final String KEY =
            "{\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN KEY-----\\nabc-of-the-key\\n\"\n}\n";

    private final RegistryLogins logins = new RegistryLogins();

    private String login(String registry) {
        JsonNode auths = Json.MAPPER.readTree(logins.file()).path("auths");
        String pair = auths.path(registry).path("auth").asString("");
        return new String(Base64.getDecoder().decode(pair), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://index.docker.io/v1/",
                "index.docker.io",
                "docker.io",
                "registry-1.docker.io",
                "https://registry.hub.docker.com"
            })
    void dockersOwnRegistryHasManyNames(String key) {
        logins.add(key, "myuser", "between us");

        assertThat(logins.has("docker.io")).isTrue();
        assertThat(login("docker.io")).isEqualTo("myuser:between us");
        assertThat(login("https://index.docker.io/v1/")).isEqualTo("myuser:between us");
    }

    @ParameterizedTest
    @CsvSource({
        "python, docker.io/library/python:latest",
        "python:3.12-slim, docker.io/library/python:3.12-slim",
        "my-org/container-app:latest, docker.io/my-org/container-app:latest",
        "index.docker.io/my-org/app, docker.io/my-org/app:latest",
        "localhost/app, localhost/app:latest",
        "eu-docker.pkg.dev/project/repo/app:1, eu-docker.pkg.dev/project/repo/app:1",
        "registry.lan:5000/app:1@sha256:abc, registry.lan:5000/app@sha256:abc"
    })
    void shortNamesMeanIt(String written, String whole) {
        assertThat(ImageName.parse(written)).hasToString(whole);
    }

    @Test
    void aKeyFileIsAPasswordOfManyLines() {
        logins.add("https://eu-docker.pkg.dev", "_json_key", KEY);

        assertThat(login("eu-docker.pkg.dev")).isEqualTo("_json_key:" + KEY);
    }

    @Test
    void aKeyFileIsMaskedLineByLine() {
        Map<String, Object> table =
                Map.of(
                        "image",
                        "eu-docker.pkg.dev/project/repo/app:1",
                        "registries",
                        Map.of(
                                "eu-docker.pkg.dev",
                                Map.of("username", "_json_key", "password", "$GCP_KEY")));
        var order =
                new EnvironmentBuilder.Order(
                        "local",
                        "main",
                        null,
                        new EnvironmentSpec("container", "3.12", List.of(), null, table),
                        MachineKind.CPU,
                        List.of(),
                        false);

        ContainerPlan plan =
                ContainerPlan.of(
                        order,
                        "",
                        name -> Optional.of(KEY).filter(key -> name.equals("GCP_KEY")),
                        url -> Optional.empty());

        assertThat(plan.masker().mask("it said " + KEY.lines().toList().get(2).strip() + " twice"))
                .isEqualTo("it said ******** twice");
        assertThat(plan.recipe()).doesNotContain("key");
    }
}
