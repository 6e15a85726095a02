package mews.dispatch;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import mews.deploy.Routes;
import mews.model.AppName;

/// How long requests of each app took lately, from slot to end. Thread-safe.
final class Paces {
    private static final int KEPT = 32;

    private static final class Recent {
        private final long[] nanos = new long[KEPT];
        private int count;

        synchronized void add(long took) {
            nanos[count++ % KEPT] = took;
        }

        synchronized long longest() {
            return Arrays.stream(nanos).max().orElse(0);
        }
    }

    private final Map<AppName, Recent> byApp = new ConcurrentHashMap<>();

    /// Forgets apps that are removed.
    Paces(Routes routes) {
        routes.onChange(app -> {
            if (routes.find(app) == null) {
                byApp.remove(app);
            }
        });
    }

    void took(AppName app, long nanos) {
        byApp.computeIfAbsent(app, first -> new Recent()).add(nanos);
    }

    /// @return zero if none has ended yet
    Duration longest(AppName app) {
        Recent recent = byApp.get(app);
        return recent == null ? Duration.ZERO : Duration.ofNanos(recent.longest());
    }
}
