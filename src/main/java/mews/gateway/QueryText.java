package mews.gateway;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Query strings as they came, percent-encoding untouched.
final class QueryText {
    private QueryText() {}

    /// Leaves out the parameters that are for the platform: they begin with `fal_`. protocol: data
    /// 5.1
    static String withoutPlatformParameters(@Nullable String query) {
        return query == null
                ? ""
                : Arrays.stream(query.split("&"))
                        .filter(pair -> !pair.isEmpty() && !pair.startsWith("fal_"))
                        .collect(Collectors.joining("&"));
    }
}
