package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class UpstreamTest {
    @Test
    void choosesByKindAndTarget() {
        Upstream upstream =
                Upstream.of(
                        Map.of(
                                "https_proxy",
                                "http://us%40er:p+w@proxy.corp:3128/",
                                "HTTP_PROXY",
                                "plain:81",
                                "NO_PROXY",
                                "localhost, .corp,10.0.0.0/8 *.lan,one:8080"));

        var outer = upstream.towards(new Target("pypi.org", 443), true).orElseThrow();
        assertThat(outer.target()).isEqualTo(new Target("proxy.corp", 3128));
        assertThat(outer.credentials()).isEqualTo("Basic dXNAZXI6cCt3");
        assertThat(outer.toString()).isEqualTo("proxy.corp:3128");
        assertThat(upstream.towards(new Target("pypi.org", 80), false).orElseThrow().target())
                .isEqualTo(new Target("plain", 81));
        for (String direct : new String[] {"localhost", "a.corp", "corp", "10.2.3.4", "b.lan"}) {
            assertThat(upstream.towards(new Target(direct, 443), true)).as(direct).isEmpty();
        }
        assertThat(upstream.towards(new Target("one", 8080), true)).isEmpty();
        assertThat(upstream.towards(new Target("one", 443), true)).isPresent();
        assertThat(upstream.towards(new Target("notcorp", 443), true)).isPresent();
    }

    @Test
    void isNoneWithoutVariables() {
        assertThat(Upstream.of(Map.of("NO_PROXY", "*")).towards(new Target("a", 1), true))
                .isEmpty();
    }

    @Test
    void refusesWhatItDoesNotSpeakWithoutTellingThePassword() {
        for (String url :
                new String[] {
                    "socks5://u:hidden@h:1", "https://u:hidden@h", "http://u:hidden@ h"
                }) {
            assertThatThrownBy(() -> Upstream.of(Map.of("HTTPS_PROXY", url)))
                    .hasMessageContaining("HTTPS_PROXY")
                    .hasMessageNotContaining("hidden");
        }
    }
}
