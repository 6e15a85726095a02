package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;

class BuildSecretsTest {
    private final BuildSecrets secrets =
            new BuildSecrets(
                    name -> Optional.ofNullable(Map.of("TOKEN", "se/cret+value").get(name)));

    @Test
    void fillsNamesAndHidesTheValueInEveryForm() {
        assertThat(secrets.fill("git+https://${TOKEN}@h.example/r.git"))
                .isEqualTo("git+https://se%2Fcret%2Bvalue@h.example/r.git");
        assertThat(
                        secrets.masker(List.of())
                                .mask("se/cret+value se%2Fcret%2Bvalue c2UvY3JldCt2YWx1ZQ=="))
                .isEqualTo("******** ******** ********");
    }

    @Test
    void namesASecretThatIsNotThere() {
        assertThatThrownBy(() -> secrets.fill("x${MISSING}"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("${MISSING}");
    }
}
