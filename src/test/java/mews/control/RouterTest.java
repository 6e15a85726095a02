package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.HttpMethod;
import java.util.Map;
import mews.control.Router.Access;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;

class RouterTest {
    private final Router router =
            new Router()
                    .on("GET", "/files/file/{path...}", Access.ADMIN, exchange -> {})
                    .on("PUT", "/parts/{path...}/{upload}/{n}", Access.ADMIN, exchange -> {})
                    .on("GET", "/runners/{id}", Access.ADMIN, exchange -> {});

    @Test
    void emptySegmentsDoNotCountAndNamesAreDecoded() {
        assertThat(parts("GET", "/files/file//data//a%20b/c%2B+d"))
                .isEqualTo(Map.of("path", "data/a b/c++d"));
        assertThat(parts("GET", "//runners/7/")).isEqualTo(Map.of("id", "7"));
    }

    @Test
    void whatFollowsARestIsMatchedFromTheEnd() {
        assertThat(parts("PUT", "/parts//data/x/y/u1/3"))
                .isEqualTo(Map.of("path", "data/x/y", "upload", "u1", "n", "3"));
        assertThat(router.find(HttpMethod.PUT, "/parts/x/u1")).isNull();
    }

    @Test
    void aWrongMethodIsToldAndAStrayPercentStandsForItself() {
        assertThat(router.find(HttpMethod.HEAD, "/runners/7")).isNotNull();
        assertThatThrownBy(() -> router.find(HttpMethod.DELETE, "/runners/7"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("[GET]");
        assertThat(parts("GET", "/files/file//data/1%.txt/%zz/100%25%"))
                .containsEntry("path", "data/1%.txt/%zz/100%%");
        assertThat(router.find(HttpMethod.GET, "/nowhere")).isNull();
    }

    private Map<String, String> parts(String method, String path) {
        Router.Match match = router.find(HttpMethod.valueOf(method), path);
        assertThat(match).isNotNull();
        return match.parts();
    }
}
