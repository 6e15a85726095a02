package mews.control;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import mews.model.Refusal;

/// Fetches what owners name by URL. The server stands inside a network that its owners may not be
/// in, so that addresses of that network are refused, at every redirect anew.
final class Downloads {
    private static final int MOST_REDIRECTS = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final HttpClient client =
            HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(Duration.ofSeconds(30))
                    .build();
    private final Predicate<InetAddress> allowed;

    Downloads(Predicate<InetAddress> allowed) {
        this.allowed = allowed;
    }

    /// Addresses that the whole internet may reach.
    static boolean isPublic(InetAddress address) {
        boolean uniqueLocal =
                address.getAddress().length == 16 && (address.getAddress()[0] & 0xfe) == 0xfc;
        return !(address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || uniqueLocal);
    }

    /// @throws Refusal if the URL cannot be fetched
    InputStream open(String url) throws IOException {
        URI next = uri(url);
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response = send(next);
            if (response.statusCode() == 200) {
                return response.body();
            }
            response.body().close();
            URI from = next;
            next =
                    response.headers()
                            .firstValue("Location")
                            .filter(to -> REDIRECTS.contains(response.statusCode()))
                            .map(to -> from.resolve(uri(to)))
                            .orElseThrow(() ->
                                    invalid(
                                            "'%s' answered with status %d"
                                                    .formatted(url, response.statusCode())));
        }
        throw invalid("'%s' redirects more than %d times".formatted(url, MOST_REDIRECTS));
    }

    private HttpResponse<InputStream> send(URI uri) throws IOException {
        check(uri);
        try {
            return client.send(
                    HttpRequest.newBuilder(uri).timeout(PATIENCE).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        } catch (IOException e) {
            throw invalid("'%s' cannot be fetched: %s".formatted(uri, e.getMessage()));
        }
    }

    private void check(URI uri) {
        String scheme = String.valueOf(uri.getScheme());
        if (!Set.of("http", "https").contains(scheme) || uri.getHost() == null) {
            throw invalid("'%s' is not an http or https URL".formatted(uri));
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
                if (!allowed.test(address)) {
                    throw new Refusal(
                            Refusal.Kind.FORBIDDEN,
                            "'%s' is an address of a private network; upload the file instead"
                                    .formatted(uri.getHost()));
                }
            }
        } catch (java.net.UnknownHostException e) {
            throw invalid("host '%s' is not known".formatted(uri.getHost()));
        }
    }

    private static URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw invalid("'%s' is not a URL".formatted(text));
        }
    }

    private static Refusal invalid(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }
}
