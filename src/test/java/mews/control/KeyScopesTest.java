package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import mews.model.KeyScope;
import mews.model.Refusal;
import mews.wire.proto.CreateUserKeyRequest;
import mews.wire.proto.KeyPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What keys may do is never more than was asked for.
class KeyScopesTest {
    @ParameterizedTest
    @CsvSource({"ADMIN, ADMIN", "API, API"})
    void olderClientsSayAScope(CreateUserKeyRequest.Scope said, KeyScope meant) {
        assertThat(KeyScopes.asked(asking().setScope(said).build())).isEqualTo(meant);
    }

    @Test
    void theirAdminDoesNotTravel() {
        assertThat(KeyScopes.asked(CreateUserKeyRequest.getDefaultInstance()))
                .isEqualTo(KeyScope.ADMIN);
    }

    @ParameterizedTest
    @CsvSource({"FULL, ADMIN", "API, API"})
    void newerClientsSayAPreset(String said, KeyScope meant) {
        assertThat(KeyScopes.asked(asking().setPolicyPreset(said).build())).isEqualTo(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"READONLY", "DEPLOY", "BILLING", "COMPUTE", "SERVERLESS", "AGENT", ""})
    void otherPresetsAreNotWidened(String preset) {
        refused(asking().setPolicyPreset(preset), "'" + preset + "' is not offered");
    }

    @Test
    void norArePermissions() {
        refused(
                asking().setPolicy(KeyPolicy.newBuilder().addPermissions("models:read")),
                "permissions of their own are not offered");
    }

    @Test
    void norWhatIsYetToCome() {
        UnknownFieldSet.Field field = UnknownFieldSet.Field.newBuilder().addVarint(1).build();
        refused(
                asking().setUnknownFields(UnknownFieldSet.newBuilder().addField(9, field).build()),
                "does not know");
    }

    @Test
    void twoAnswersAreNone() {
        refused(
                asking().setPolicyPreset("FULL").setScope(CreateUserKeyRequest.Scope.API),
                "exclude each other");
    }

    private static CreateUserKeyRequest.Builder asking() {
        return CreateUserKeyRequest.newBuilder().setAlias("made for a test");
    }

    private static void refused(CreateUserKeyRequest.Builder request, String why) {
        assertThatThrownBy(() -> KeyScopes.asked(request.build()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(why)
                .hasMessageContaining("FULL (scope ADMIN) or API");
    }
}
