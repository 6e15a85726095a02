package mews.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import mews.base.Json;
import mews.base.Masker;
import mews.logs.Logs;
import mews.model.LogLine;
import mews.model.LogLine.Level;
import mews.model.LogLine.Source;
import mews.model.Revision;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Takes in what one runner prints: labels each line, masks secret values, bounds its length, and
/// slows down a printer that would otherwise fill the memory of this server. protocol: platform 16
final class LogIntake {
    /// Longer lines are split.
    static final int LONGEST_LINE = 64 * 1024;

    private static final int LAST_WORDS = 300;

    private final Logs logs;
    private final Revision revision;
    private final @Nullable UUID runner;
    private final Masker masker;
    private final InstantSource clock;
    private final Throttle throttle = new Throttle();
    private volatile String lastWords = "";
    private volatile String lastOutput = "";

    /// @param runner null for what a warm parent says
    /// @param secrets values that no line may show
    LogIntake(
            Logs logs,
            Revision revision,
            @Nullable UUID runner,
            Collection<String> secrets,
            InstantSource clock) {
        this.logs = logs;
        this.revision = revision;
        this.runner = runner;
        // A secret of several lines is printed as several lines.
        this.masker = new Masker(secrets.stream().flatMap(String::lines).toList());
        this.clock = clock;
    }

    /// Reads a stream to its end on a thread of its own.
    ///
    /// @param level of lines without a label, `STDOUT` or `STDERR`
    Thread follow(InputStream stream, Level level) {
        // Reading a pipe pins its carrier: hundreds of quiet runners would starve virtual threads.
        return Thread.ofPlatform().daemon().name("log-" + runner).start(() -> read(stream, level));
    }

    /// The runner's own words about itself, said by this server.
    void bridge(Level level, String message) {
        append(clock.instant(), level, Source.BRIDGE, null, message);
    }

    /// Masks secret values.
    String mask(String text) {
        return masker.mask(text);
    }

    /// @return the last line of stderr, or else of stdout, shortened; empty if there was none
    String lastWords() {
        return lastWords.isEmpty() ? lastOutput : lastWords;
    }

    private void read(InputStream stream, Level level) {
        LineSplitter lines = new LineSplitter(LONGEST_LINE, line -> take(line, level));
        byte[] buffer = new byte[8192];
        try (stream) {
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                lines.take(buffer, read);
                throttle.spend(read);
            }
        } catch (IOException e) {
            // The pipe was closed with the process.
        }
        lines.flush();
    }

    /// A line as a runner writes it.
    void takePrinted(String line) {
        take(line, Level.STDOUT);
    }

    private void take(String line, Level level) {
        if (line.charAt(0) == LineSplitter.LABELLED) {
            labelled(line.substring(1), level);
        } else {
            said(clock.instant(), level, Source.USER, null, line);
        }
    }

    private void labelled(String line, Level level) {
        try {
            JsonNode json = Json.MAPPER.readTree(line);
            if (json.path("m").isString()) {
                Level said = level(json.path("l").asString(""));
                boolean user =
                        said == Level.STDOUT
                                || said == Level.STDERR
                                || json.path("s").asString("").equals("user");
                said(
                        instant(json.path("t").asDouble(0)),
                        said,
                        user ? Source.USER : Source.BRIDGE,
                        request(json.path("r").asString("")),
                        json.path("m").asString());
                return;
            }
        } catch (JacksonException e) {
            // Something else printed the mark; the line counts as it is.
        }
        said(clock.instant(), level, Source.USER, null, line);
    }

    private void said(
            Instant at, Level level, Source source, @Nullable UUID request, String message) {
        String masked = masker.mask(message);
        // After this line Python lists its frames, the least telling last.
        boolean told = lastWords.startsWith("Fatal Python error");
        if (level == Level.STDERR && !masked.isBlank() && !told) {
            lastWords = shorten(masked.strip());
        }
        if (level == Level.STDOUT && !masked.isBlank()) {
            lastOutput = shorten(masked.strip());
        }
        append(at, level, source, request, masked);
    }

    private void append(
            Instant at, Level level, Source source, @Nullable UUID request, String message) {
        if (!message.isEmpty()) {
            logs.append(
                    new LogLine(
                            at,
                            level,
                            source,
                            revision.app().owner(),
                            revision.app(),
                            revision.id(),
                            runner,
                            request,
                            message));
        }
    }

    private Instant instant(double seconds) {
        Instant now = clock.instant();
        Instant said = Instant.ofEpochSecond(0, (long) (seconds * 1e9));
        // An app may set its own clock, or lie; its lines must not land in another year.
        return said.isAfter(now) || said.isBefore(now.minusSeconds(60)) ? now : said;
    }

    private static Level level(String name) {
        return switch (name) {
            case "stdout" -> Level.STDOUT;
            case "stderr" -> Level.STDERR;
            case "trace" -> Level.TRACE;
            case "debug" -> Level.DEBUG;
            case "warning" -> Level.WARNING;
            case "error" -> Level.ERROR;
            default -> Level.INFO;
        };
    }

    private static @Nullable UUID request(String text) {
        try {
            return text.isEmpty() ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String shorten(String text) {
        return text.length() <= LAST_WORDS ? text : text.substring(0, LAST_WORDS) + "…";
    }

    /// Lets bursts through and holds a stream that never ends to a steady rate: the pipe fills, and
    /// the printer waits, which costs nobody else anything.
    private static final class Throttle {
        private static final double BYTES_PER_SECOND = 4e6;
        private static final double BURST_BYTES = 16e6;

        private double left = BURST_BYTES;
        private long last = System.nanoTime();

        synchronized void spend(int bytes) {
            long now = System.nanoTime();
            left = Math.min(BURST_BYTES, left + (now - last) / 1e9 * BYTES_PER_SECOND) - bytes;
            last = now;
            if (left < 0) {
                LockSupport.parkNanos((long) (-left / BYTES_PER_SECOND * 1e9));
            }
        }
    }

    /// Waits for a stream to end, since its last lines tell why the process did.
    static void awaitEnd(List<Thread> readers, Duration patience) {
        try {
            for (Thread reader : readers) {
                reader.join(patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
