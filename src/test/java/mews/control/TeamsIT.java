package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import mews.base.Json;
import mews.wire.proto.CreateUserKeyRequest;
import mews.wire.proto.CreateUserKeyResponse;
import mews.wire.proto.ListSecretsRequest;
import mews.wire.proto.SetSecretRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeamsIT {
    private final ControlFixture control = new ControlFixture();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterAll
    void close() {
        http.close();
        control.close();
    }

    @Test
    void aMemberActsForTheTeamByLoginAndByKeyUntilRemoved() throws Exception {
        String local = "Key " + control.admin.text();
        String ada = "Key " + user("ada");
        String bob = "Key " + user("bob");
        String team =
                ok(ask(ada, null, "POST", "/v1/mews/teams", Map.of("nickname", "crew")))
                        .path("user_id")
                        .asString();

        // Outside: the team cannot even be seen.
        assertThat(ask(bob, null, "GET", "/v1/mews/teams/crew/members", null).statusCode())
                .isEqualTo(404);
        assertThat(ask(bob, team, "GET", "/users/current", null).statusCode()).isEqualTo(403);

        put(ada, "bob", "billing", 200);
        assertThat(ask(bob, team, "GET", "/applications/metrics", null).statusCode())
                .isEqualTo(403);
        put(bob, "bob", "admin", 403);
        put(ada, "bob", "developer", 200);
        assertThat(ok(ask(bob, team, "GET", "/users/current", null)).path("nickname").asString())
                .isEqualTo("crew");

        String token =
                "Bearer "
                        + ok(ask(local, null, "POST", "/v1/mews/login", Map.of("user", "bob")))
                                .path("access_token")
                                .asString();
        assertThat(ok(ask(token, null, "GET", "/users/teams", null)))
                .extracting(each -> each.path("nickname").asString())
                .containsExactly("bob", "crew");
        CreateUserKeyResponse key =
                control.withUser(bob.substring(4), team)
                        .createUserKey(CreateUserKeyRequest.getDefaultInstance());
        control.grpc(key.getKeyId(), key.getKeySecret())
                .setSecret(SetSecretRequest.newBuilder().setName("S").setValue("v").build());
        assertThat(
                        control.withUser(ada.substring(4), team)
                                .listSecrets(ListSecretsRequest.getDefaultInstance())
                                .getSecretsList())
                .hasSize(1);
        assertThat(
                        control.withUser(ada.substring(4), null)
                                .listSecrets(ListSecretsRequest.getDefaultInstance())
                                .getSecretsList())
                .isEmpty();
        // A key of the team is no way to its user's own account, nor to a login.
        String teamKey = "Key " + key.getKeyId() + ":" + key.getKeySecret();
        assertThat(ask(teamKey, null, "POST", "/v1/mews/login", Map.of()).statusCode())
                .isEqualTo(403);

        assertThat(ask(ada, null, "DELETE", "/v1/mews/teams/crew/members/bob", null).statusCode())
                .isEqualTo(200);
        assertThat(ask(teamKey, null, "GET", "/users/current", null).statusCode()).isEqualTo(401);
        assertThat(ask(bob, team, "GET", "/users/current", null).statusCode()).isEqualTo(403);
        assertThat(ask(ada, null, "DELETE", "/v1/mews/teams/crew/members/ada", null).statusCode())
                .isEqualTo(400);
    }

    @Test
    void onlyTheFirstAccountMakesUsersAndLogsOthersIn() throws Exception {
        String eve = "Key " + user("eve");

        assertThat(ask(eve, null, "POST", "/v1/mews/users", Map.of("nickname", "x")).statusCode())
                .isEqualTo(403);
        assertThat(ask(eve, null, "GET", "/v1/mews/users", null).statusCode()).isEqualTo(403);
        assertThat(ask(eve, null, "POST", "/v1/mews/login", Map.of("user", "local")).statusCode())
                .isEqualTo(403);
    }

    @Test
    void wrongSecretsHaveToWaitAndOthersDoNot() throws Exception {
        String wrong = "Key " + control.caller.id() + ":wrong";
        for (int attempt = 0; attempt < 10; attempt++) {
            assertThat(ask(wrong, null, "GET", "/users/current", null).statusCode()).isEqualTo(401);
        }

        assertThat(ask(wrong, null, "GET", "/users/current", null).statusCode()).isEqualTo(429);
        assertThat(
                        ask("Key " + control.admin.text(), null, "GET", "/users/current", null)
                                .statusCode())
                .isEqualTo(200);
        assertThatThrownBy(() ->
                        control.grpc(control.caller.id(), "wrong")
                                .listSecrets(ListSecretsRequest.getDefaultInstance()))
                .hasMessageContaining("wrong secrets");
    }

    private String user(String name) throws Exception {
        return ok(ask(
                        "Key " + control.admin.text(),
                        null,
                        "POST",
                        "/v1/mews/users",
                        Map.of("nickname", name)))
                .path("key")
                .asString();
    }

    private void put(String key, String user, String role, int status) throws Exception {
        assertThat(
                        ask(
                                        key,
                                        null,
                                        "PUT",
                                        "/v1/mews/teams/crew/members/" + user,
                                        Map.of("role", role))
                                .statusCode())
                .isEqualTo(status);
    }

    private static JsonNode ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return Json.MAPPER.readTree(answer.body());
    }

    private HttpResponse<String> ask(
            String authorization,
            @Nullable String userId,
            String method,
            String path,
            @Nullable Object body)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:%d%s".formatted(control.port, path)))
                        .header("Authorization", authorization)
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(Json.write(body)));
        if (userId != null) {
            request.header("X-Fal-User-Id", userId);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
