package mews.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;

/// Tests that build or run container images as root does: with mounts, and a network of the steps.
/// Elsewhere they are skipped by name.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
        value = "mews.testing.CurrentUser#isRoot",
        disabledReason = "these tests of container images look at what only root makes")
public @interface ContainersHere {}
