package mews.control;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/// Times in JSON and queries. Python before 3.11 reads no `Z`, so the offset is spelt out.
final class Times {
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx");

    private Times() {}

    static String text(Instant instant) {
        return ISO.format(instant.atOffset(ZoneOffset.UTC));
    }

    /// @param name of the parameter, for errors
    static @Nullable Instant parse(String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            // A plus that was not encoded arrives as a blank.
            return OffsetDateTime.parse(text.strip().replace(' ', '+')).toInstant();
        } catch (DateTimeParseException e) {
            throw Exchange.invalid(
                    "%s must be a time such as 2026-01-31T12:00:00+00:00, was '%s'"
                            .formatted(name, text));
        }
    }
}
