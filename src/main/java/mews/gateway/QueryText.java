package mews.gateway;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Query strings as they came, percent-encoding untouched.
final class QueryText {
    private QueryText() {}

    /// For the platform, one of them a secret. protocol: data 3, 5.1, 11.1
    private static final Set<String> PLATFORM =
            Set.of("fal_webhook", "fal_max_queue_length", "fal_jwt_token");

    /// Leaves out the parameters that are for the platform.
    static String withoutPlatformParameters(@Nullable String query) {
        return query == null
                ? ""
                : Arrays.stream(query.split("&"))
                        .filter(pair -> !pair.isEmpty() && !PLATFORM.contains(name(pair)))
                        .collect(Collectors.joining("&"));
    }

    /// @return path and query as the app gets them
    static String uri(String path, @Nullable String query) {
        String rest = withoutPlatformParameters(query);
        return rest.isEmpty() ? path : path + "?" + rest;
    }

    private static String name(String pair) {
        int equals = pair.indexOf('=');
        return equals < 0 ? pair : pair.substring(0, equals);
    }
}
