package mews.testing;

import java.util.List;
import java.util.Map;
import mews.model.Callable;
import mews.model.EnvironmentSpec;
import mews.model.RevisionSpec;
import mews.model.ScalePolicy;
import mews.model.Timeouts;

/// Revisions to deploy in tests: a served app that asks for nothing in particular.
public final class Specs {
    private Specs() {}

    public static EnvironmentSpec environment(String... requirements) {
        return new EnvironmentSpec(
                "virtualenv", "3.12", List.of(List.of(requirements)), "uv", Map.of());
    }

    public static RevisionSpec app() {
        return app(ScalePolicy.DEFAULT, Timeouts.DEFAULT, List.of("S"));
    }

    public static RevisionSpec app(ScalePolicy scale, Timeouts timeouts, List<String> machines) {
        return app(environment("flask"), scale, timeouts, machines, "print('hello')");
    }

    public static RevisionSpec app(
            EnvironmentSpec environment,
            ScalePolicy scale,
            Timeouts timeouts,
            List<String> machines,
            String sourceCode) {
        return new RevisionSpec(
                environment,
                new Callable.Pickled("cloudpickle", new byte[] {1, 2, 3}, null),
                machines,
                0,
                List.of(),
                8080,
                9090,
                null,
                scale,
                timeouts,
                List.of(),
                Map.of(),
                null,
                List.of(),
                List.of(),
                false,
                Map.of("openapi", Map.of("paths", Map.of("/", Map.of()))),
                sourceCode,
                false);
    }
}
