package mews.cli;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times as people write and read them.
final class Times {
    private static final Pattern SPAN = Pattern.compile("(\\d{1,9})\\s*(s|m|h|d)");

    private Times() {}

    /// @param text `90s`, `15m`, `2h`, `1d`, or an ISO instant such as `2026-01-31T10:00:00Z`
    /// @throws Failure if it is neither
    static Instant ago(String text, Instant now) {
        Matcher span = SPAN.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (span.matches()) {
            long number = Long.parseLong(span.group(1));
            return now.minus(
                    switch (span.group(2)) {
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        default -> Duration.ofDays(number);
                    });
        }
        try {
            return Instant.parse(text.strip());
        } catch (DateTimeParseException e) {
            throw Failure.badInput(
                    "'%s' is no time; write 90s, 15m, 2h, 1d or 2026-01-31T10:00:00Z", text);
        }
    }

    static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    static String text(Timestamp timestamp) {
        return instant(timestamp).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// `42s`, `3m10s`, `5h02m`.
    static String span(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + "s";
        }
        return whole < 3600
                ? "%dm%02ds".formatted(whole / 60, whole % 60)
                : "%dh%02dm".formatted(whole / 3600, whole % 3600 / 60);
    }
}
