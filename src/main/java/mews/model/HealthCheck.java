package mews.model;

import java.time.Duration;

/// How a ready runner is asked whether it is well. protocol: platform 5
///
/// @param path begins with `/`
/// @param method `GET` or `POST`
/// @param startPeriod age of the runner before failures count
/// @param timeout of one check
/// @param failureThreshold consecutive failures that make it unhealthy
/// @param callRegularly false: only when the app's response asks for it
/// @param onlyWhenIdle no regular check while requests are on the runner
public record HealthCheck(
        String path,
        String method,
        Duration startPeriod,
        Duration timeout,
        int failureThreshold,
        boolean callRegularly,
        boolean onlyWhenIdle) {}
