package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import mews.account.Keys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SealPagesIT {
    private final ControlFixture fixture = new ControlFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void secretsAreSealedAgainAndStillTheSame() {
        fixture.secrets.set(ControlFixture.ACCOUNT, "main", "TOKEN", "one", null);
        fixture.secrets.set(ControlFixture.ACCOUNT, "main", "OTHER", "two", true);

        assertThat(fixture.rest("POST", "/v1/mews/sealing-key", "").body())
                .isEqualTo("{\"secrets\":2}");
        assertThat(fixture.secrets.find(ControlFixture.ACCOUNT, "main", "TOKEN")).hasValue("one");
        assertThat(fixture.secrets.forRunner(ControlFixture.ACCOUNT, "main", null))
                .containsEntry("OTHER", "two");
    }

    @Test
    void onlyTheServersOwnAccountMay() {
        Keys.NewKey other = fixture.otherAccount("eve");

        assertThat(
                        fixture.send(
                                        HttpRequest.newBuilder(fixture.uri("/v1/mews/sealing-key"))
                                                .POST(HttpRequest.BodyPublishers.noBody())
                                                .header("Authorization", "Key " + other.text()))
                                .statusCode())
                .isEqualTo(403);
    }
}
