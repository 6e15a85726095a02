package mews.server;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.function.Function;
import mews.model.Addresses;

/// The URLs one caller gets: names or numbers, with TLS or without, as it came itself. Who came by
/// a number may not know the names; who came without TLS may not trust the certificate. protocol:
/// choices 1
final class CallerUrls implements Function<HttpServerRequest, Addresses> {
    private final Addresses named;
    private final Addresses numbered;

    CallerUrls(ServerConfig config) {
        this.named = config.urls();
        this.numbered = config.numberedUrls();
    }

    @Override
    public Addresses apply(HttpServerRequest request) {
        HostAndPort asked = request.authority();
        boolean number = asked != null && Authority.isLiteral(unbracketed(asked.host()));
        Addresses base = number ? numbered : named;
        return request.isSSL() ? base.overTls() : base;
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
