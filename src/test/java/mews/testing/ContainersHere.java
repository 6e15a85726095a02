package mews.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;

/// Tests that build or run container images, which a server does only as root. Elsewhere they are
/// skipped by name.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
        value = "mews.testing.CurrentUser#isRoot",
        disabledReason = "container images need a server that runs as root")
public @interface ContainersHere {}
