package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
    @Test
    void aTunnelNamesItsTargetOnly() {
        RequestHead head =
                RequestHead.parse("CONNECT PyPI.org.:443 HTTP/1.1\r\nHost: other").orElseThrow();

        assertThat(head.tunnel()).isTrue();
        assertThat(head.target()).isEqualTo(new Target("pypi.org", 443));
    }

    @Test
    void aRequestIsRewrittenForItsTarget() {
        RequestHead head =
                RequestHead.parse(
                                "POST http://user:pw@[::1]:8080?q=1 HTTP/1.1\r\nHost: other\r\nAuthorization: Basic x\r\nProxy-Connection: keep-alive\r\nConnection: keep-alive\r\nContent-Length: 12")
                        .orElseThrow();

        assertThat(head.target()).isEqualTo(new Target("::1", 8080));
        assertThat(head.body()).isEqualTo(12);
        assertThat(head.forTarget())
                .isEqualTo(
                        "POST /?q=1 HTTP/1.1\r\nHost: [::1]:8080\r\nAuthorization: Basic x\r\nContent-Length: 12\r\nConnection: close\r\n\r\n");
        assertThat(head.forProxy()).startsWith("POST http://[::1]:8080/?q=1 HTTP/1.1\r\n");
    }

    @Test
    void aBodyInChunksHasNoKnownLength() {
        assertThat(
                        RequestHead.parse(
                                        "POST http://a/ HTTP/1.1\r\nContent-Length: 1\r\ntransfer-encoding: chunked")
                                .orElseThrow()
                                .body())
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET / HTTP/1.1",
                "GET https://a/ HTTP/1.1",
                "GET file:///etc/passwd HTTP/1.1",
                "GET http:///x HTTP/1.1",
                "GET http://a:0/ HTTP/1.1",
                "GET http://a:65536/ HTTP/1.1",
                "GET http://a b/ HTTP/1.1",
                "CONNECT a HTTP/1.1",
                "CONNECT a:443:1 HTTP/1.1",
                "CONNECT [a]:443 HTTP/1.1",
                "CONNECT a%0d:443 HTTP/1.1",
                "CONNECT :443 HTTP/1.1",
                "PRI * HTTP/2.0"
            })
    void nothingElseIsUnderstood(String text) {
        assertThat(RequestHead.parse(text)).isEmpty();
    }
}
