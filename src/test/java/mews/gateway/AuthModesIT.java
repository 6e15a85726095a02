package mews.gateway;

import static mews.gateway.GatewayFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.account.Teams;
import mews.model.AppName;
import mews.model.AuthMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who may call an app of a team, through each door, and whose account the call is on. Ada founded
/// the team, Cleo is a developer in it, Bob only pays its bills, Dan is a stranger. protocol:
/// platform 8
@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
class AuthModesIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Map<AuthMode, AppName> APPS =
            new EnumMap<>(
                    Map.of(
                            AuthMode.PRIVATE, new AppName("crew", "private-app"),
                            AuthMode.SHARED, new AppName("crew", "shared-app"),
                            AuthMode.PUBLIC, new AppName("crew", "public-app")));

    private final GatewayFixture fixture;
    private String crew = "";

    AuthModesIT() throws Exception {
        fixture = new GatewayFixture();
    }

    @BeforeAll
    void admit() {
        for (String user : List.of("ada", "bob", "cleo", "dan")) {
            fixture.accounts.create(user, "", true);
        }
        crew = fixture.teams.create("crew", "", "ada").userId();
        fixture.teams.set(new Teams.Member("crew", "cleo", Teams.Role.DEVELOPER));
        fixture.teams.set(new Teams.Member("crew", "bob", Teams.Role.BILLING));
        APPS.forEach((auth, app) -> {
            UUID revision = fixture.serve(app, auth, LONG, LONG);
            fixture.fleet.ready(app, revision, 4, fixture.app.socket());
        });
    }

    @AfterAll
    void close() {
        fixture.close();
    }

    /// The key, whether its user asks to act for the team, and the account of the call: a dash
    /// where it is refused, empty for anyone.
    @ParameterizedTest
    @CsvSource({
        "PRIVATE, '', false, -",
        "PRIVATE, ada:wrong, false, -",
        "PRIVATE, crew:secret, false, crew",
        "PRIVATE, ada:secret, true, crew",
        "PRIVATE, ada:secret, false, -",
        "PRIVATE, cleo:secret, true, crew",
        "PRIVATE, cleo:secret, false, -",
        "PRIVATE, bob:secret, true, -",
        "PRIVATE, dan:secret, true, -",
        "PRIVATE, dan:secret, false, -",
        "SHARED, '', false, -",
        "SHARED, dan:wrong, false, -",
        "SHARED, dan:secret, false, dan",
        "SHARED, dan:secret, true, -",
        "SHARED, bob:secret, true, -",
        "SHARED, cleo:secret, true, crew",
        "SHARED, cleo:secret, false, cleo",
        "PUBLIC, '', false, ''",
        "PUBLIC, dan:wrong, false, ''",
        "PUBLIC, dan:secret, false, dan",
        "PUBLIC, cleo:secret, true, crew"
    })
    void eachDoorAsksTheSame(AuthMode auth, String key, boolean forTeam, String account)
            throws Exception {
        List<String> headers = new ArrayList<>(List.of("x-test", "1"));
        if (!key.isEmpty()) {
            headers.addAll(List.of("authorization", "Key " + key));
        }
        if (forTeam) {
            headers.addAll(List.of("x-fal-user-id", crew));
        }
        String[] sent = headers.toArray(String[]::new);
        String path = "/" + APPS.get(auth);
        int expected = account.equals("-") ? 401 : 200;

        assertThat(fixture.post(path, "{}", sent).statusCode()).isEqualTo(expected);
        assertThat(handshake(path + "/realtime", headers)).isEqualTo(expected == 200 ? 101 : 401);
        HttpResponse<String> queued = fixture.post("/queue" + path, "{}", sent);
        assertThat(queued.statusCode()).isEqualTo(expected);
        if (expected == 200) {
            UUID request = UUID.fromString(json(queued).get("request_id").stringValue());
            assertThat(fixture.queue.find(request).orElseThrow().request().caller())
                    .isEqualTo(account);
        } else {
            assertThat(json(queued).get("detail").stringValue()).isNotBlank();
        }
    }

    /// @return the status with which a websocket is opened or refused
    private int handshake(String path, List<String> headers) throws Exception {
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nhost: x\r\n");
        for (int i = 0; i < headers.size(); i += 2) {
            request.append(headers.get(i)).append(": ").append(headers.get(i + 1)).append("\r\n");
        }
        request.append("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n")
                .append("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        try (Socket socket = RawHttp.socket(fixture)) {
            RawHttp.say(socket.getOutputStream(), request.toString());
            String answer = RawHttp.readUntil(socket.getInputStream(), "\r\n");
            return Integer.parseInt(answer.split(" ")[1]);
        }
    }
}
