package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuildReachTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://pypi.corp/simple/ | pypi.corp:443",
                "--extra-index-url http://u:p%40w@127.0.0.1:8080/simple | 127.0.0.1:8080",
                "--find-links http://host?x | host:80",
                "name @ git+https://token@git.corp:8443/a.git@v1#egg=b | git.corp:8443",
                "name[x]@http://[::1]:81/a.whl;python_version>'3' | [::1]:81",
                "https://a/x https://b:1 | a:443 b:1",
                "https://evil@real:99/ | real:99",
                "https://x#@real:99/ | x:443",
                "https://a:b@c@real/ | real:443",
                "https://host:1x/ | ''",
                "six==1.17.0 | ''",
            })
    void namesHostAndPort(String text, String expected) {
        assertThat(BuildReach.targets(text))
                .containsExactlyInAnyOrderElementsOf(
                        expected.isEmpty() ? List.of() : List.of(expected.split(" ")));
    }

    @Test
    void countsTheHostsConfigurationButNotItsProxies() {
        var reach =
                BuildReach.of(
                        RequirementLayer.parse(List.of("six", "-f", "http://links:1/")),
                        Map.of(
                                "UV_INDEX",
                                "https://one http://two:2",
                                "HTTPS_PROXY",
                                "http://proxy:3"),
                        sentence -> {},
                        Path.of("/usr/bin/python3"));

        assertThat(reach.named()).containsExactlyInAnyOrder("links:1", "one:443", "two:2");
        assertThat(reach.upstream()).containsEntry("HTTPS_PROXY", "http://proxy:3");
    }
}
