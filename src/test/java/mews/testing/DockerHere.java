package mews.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import mews.host.Command;
import org.junit.jupiter.api.condition.EnabledIf;

/// Tests that need root and Docker Engine's programs, which the quick run does not install.
/// Elsewhere they are skipped by name; one condition, since JUnit looks at no second of the kind.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
        value = "mews.testing.DockerHere$Programs#areInstalled",
        disabledReason =
                "dockerd is not installed, or this is not root; ./test --long as root installs it")
public @interface DockerHere {
    /// Of this host.
    final class Programs {
        private Programs() {}

        public static boolean areInstalled() {
            return CurrentUser.isRoot()
                    && Command.run(Duration.ofSeconds(30), "dockerd", "--version").ok();
        }
    }
}
