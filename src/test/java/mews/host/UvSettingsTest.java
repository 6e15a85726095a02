package mews.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UvSettingsTest {
    @Test
    void translatesWhatPipIsConfiguredFor() {
        var settings =
                UvSettings.of(
                        Map.of(),
                        UvSettings.parse(
                                """
                                global.index-url='https://mirror.test/simple'
                                global.extra-index-url='https://a.test/simple\\nhttps://b.test/simple'
                                global.trusted-host='mirror.test'
                                install.no-index='true'
                                download.index-url='https://never.test'
                                global.proxy='http://proxy.test:3128'
                                """));

        assertThat(settings.environment())
                .containsEntry("UV_DEFAULT_INDEX", "https://mirror.test/simple")
                .containsEntry("UV_INDEX", "https://a.test/simple https://b.test/simple")
                .containsEntry("UV_INSECURE_HOST", "mirror.test")
                .containsEntry("HTTPS_PROXY", "http://proxy.test:3128")
                .containsEntry("UV_SYSTEM_CERTS", "true")
                .containsEntry("UV_INDEX_STRATEGY", "unsafe-best-match");
        assertThat(settings.arguments()).containsExactly("--no-index");
        assertThat(settings.hosts())
                .containsExactly("mirror.test", "a.test", "b.test", "proxy.test");
    }

    @Test
    void variablesOfTheShellBeatPipsFiles() {
        var settings =
                UvSettings.of(
                        Map.of("UV_DEFAULT_INDEX", "https://uv.test/simple"),
                        UvSettings.parse(
                                "global.index-url='https://file.test'\n:env:.index-url='https://shell.test'\n"));

        assertThat(settings.environment())
                .containsEntry("UV_DEFAULT_INDEX", "https://uv.test/simple");
        assertThat(UvSettings.parse("global.timeout='5'\n:env:.timeout='9'\n"))
                .containsEntry("timeout", "9");
    }

    @Test
    void passesOverLinkFoldersThatAreNotThere(@TempDir Path there) {
        var settings =
                UvSettings.of(
                        Map.of(),
                        Map.of("find-links", "/not/there " + there + " https://links.test/"));

        assertThat(settings.environment())
                .containsEntry("UV_FIND_LINKS", there + ",https://links.test/");
        assertThat(settings.files()).containsExactly(there);
    }

    @Test
    void ownCertificatesReplaceTheSystemStore() {
        var settings = UvSettings.of(Map.of(), Map.of("cert", "/etc/ssl/own.pem"));

        assertThat(settings.environment())
                .containsEntry("SSL_CERT_FILE", "/etc/ssl/own.pem")
                .doesNotContainKey("UV_SYSTEM_CERTS");
    }
}
