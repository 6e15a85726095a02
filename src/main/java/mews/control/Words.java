package mews.control;

import com.google.protobuf.Timestamp;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.HealthCheck;
import mews.model.LogLine;
import mews.model.Refusal;
import mews.model.RetryCondition;
import mews.wire.proto.ApplicationAuthMode;
import mews.wire.proto.ApplicationHealthCheckConfig;
import mews.wire.proto.Log;
import mews.wire.proto.LogLevel;
import mews.wire.proto.LogSource;

/// Single words of the wire and of the model, both ways.
final class Words {
    private Words() {}

    static AuthMode auth(ApplicationAuthMode mode) {
        return switch (mode) {
            case PRIVATE -> AuthMode.PRIVATE;
            case PUBLIC -> AuthMode.PUBLIC;
            case SHARED -> AuthMode.SHARED;
            case UNRECOGNIZED -> throw unknown("auth_mode");
        };
    }

    static ApplicationAuthMode auth(AuthMode mode) {
        return switch (mode) {
            case PRIVATE -> ApplicationAuthMode.PRIVATE;
            case PUBLIC -> ApplicationAuthMode.PUBLIC;
            case SHARED -> ApplicationAuthMode.SHARED;
        };
    }

    static DeploymentStrategy strategy(mews.wire.proto.DeploymentStrategy strategy) {
        return switch (strategy) {
            case RECREATE -> DeploymentStrategy.RECREATE;
            case ROLLING -> DeploymentStrategy.ROLLING;
            case UNRECOGNIZED -> throw unknown("deployment_strategy");
        };
    }

    static RetryCondition condition(mews.wire.proto.RetryCondition condition) {
        return switch (condition) {
            case TIMEOUT -> RetryCondition.TIMEOUT;
            case CLIENT_ERROR -> RetryCondition.CLIENT_ERROR;
            case SERVER_ERROR -> RetryCondition.SERVER_ERROR;
            case CONNECTION_ERROR -> RetryCondition.CONNECTION_ERROR;
            case UNRECOGNIZED -> throw unknown("skip_retry_conditions");
        };
    }

    /// protocol: platform 5, for what is absent
    static HealthCheck health(ApplicationHealthCheckConfig asked) {
        if (!asked.getPath().startsWith("/")) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "health check path must begin with '/', was '%s'".formatted(asked.getPath()));
        }
        String method =
                switch (asked.getMethod()) {
                    case GET -> "GET";
                    case POST -> "POST";
                    case UNRECOGNIZED -> throw unknown("health check method");
                };
        return new HealthCheck(
                asked.getPath(),
                method,
                seconds(
                        "health check start_period_seconds",
                        asked.hasStartPeriodSeconds() ? asked.getStartPeriodSeconds() : 30),
                seconds(
                        "health check timeout_seconds",
                        asked.hasTimeoutSeconds() ? asked.getTimeoutSeconds() : 5),
                within(
                        "health check failure_threshold",
                        asked.hasFailureThreshold() ? asked.getFailureThreshold() : 3,
                        1,
                        Integer.MAX_VALUE),
                !asked.hasCallRegularly() || asked.getCallRegularly(),
                asked.hasAllowOnBusy() && !asked.getAllowOnBusy());
    }

    static Log log(LogLine line) {
        return Log.newBuilder()
                .setMessage(line.message())
                .setSource(LogSource.valueOf(line.source().name()))
                .setLevel(LogLevel.valueOf(line.level().name()))
                .setTimestamp(timestamp(line.at()))
                .build();
    }

    static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    static Instant instant(Timestamp timestamp) {
        try {
            return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
        } catch (DateTimeException | ArithmeticException e) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "%d seconds since 1970 are no time".formatted(timestamp.getSeconds()));
        }
    }

    static Duration seconds(String name, int value) {
        return Duration.ofSeconds(within(name, value, 0, Integer.MAX_VALUE));
    }

    static int within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            String bound =
                    most == Integer.MAX_VALUE
                            ? "%d or more".formatted(least)
                            : "from %d to %d".formatted(least, most);
            throw new Refusal(
                    Refusal.Kind.INVALID, "%s must be %s, was %d".formatted(name, bound, value));
        }
        return value;
    }

    /// @param what named in the error, such as `runner`
    static UUID id(String what, String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.Kind.NOT_FOUND, "%s '%s' not found".formatted(what, text));
        }
    }

    private static Refusal unknown(String what) {
        return new Refusal(
                Refusal.Kind.INVALID,
                "%s has a number that this server does not know".formatted(what));
    }
}
