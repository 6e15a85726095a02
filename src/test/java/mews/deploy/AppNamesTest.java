package mews.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import mews.model.AppName;
import mews.model.Refusal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppNamesTest {
    @Property
    void everyWishBecomesAnAllowedAlias(@ForAll String wish) {
        AppName app = AppNames.ephemeral("ada", wish.replace(AppName.ENVIRONMENT_MARK, "-"));

        assertThatCode(() -> AppNames.check(app)).doesNotThrowAnyException();
    }

    @Test
    void aRunKeepsTheEnvironmentOfItsName() {
        AppName app = AppNames.ephemeral("ada", "my_function--staging");

        assertThat(app.environment()).isEqualTo("staging");
        assertThat(app.alias()).matches("my-function-[a-z0-9]{6}--staging");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "a", "0-0", "hello--staging", "my-good-app"})
    void allows(String alias) {
        assertThatCode(() -> AppNames.check(new AppName("ada", alias))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-a", "Hello", "a_b", "a b", "a--b--c", "a--", "a/b", "ä"})
    void refusesAndSuggests(String alias) {
        assertThatThrownBy(() -> AppNames.check(new AppName("ada", alias)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("'" + alias + "'")
                .hasMessageContaining("try '");
    }
}
