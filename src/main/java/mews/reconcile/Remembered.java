package mews.reconcile;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import mews.model.AppName;
import mews.model.Route;

/// For which apps a server that begins again prepares what makes starts fast, before anybody calls:
/// the ones whose revision is the newest. All of a thousand at once would push each other out.
final class Remembered {
    private static final int MOST = 20;

    private Remembered() {}

    static List<AppName> of(Collection<Route> routes) {
        return routes.stream()
                .filter(route -> route.revision().spec().served())
                .sorted(
                        Comparator.comparing((Route route) -> route.revision().createdAt())
                                .reversed())
                .limit(MOST)
                .map(Route::app)
                .toList();
    }
}
