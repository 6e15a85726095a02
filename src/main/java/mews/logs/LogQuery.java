package mews.logs;

import java.time.Instant;
import java.util.UUID;
import mews.model.AppName;
import mews.model.LogLine;
import org.jspecify.annotations.Nullable;

/// Which lines are wanted; an absent field matches all.
///
/// @param account whose lines; always given
/// @param since inclusive
/// @param until exclusive
/// @param search substring of the message, case-insensitive
/// @param limit most lines returned
public record LogQuery(
        String account,
        @Nullable AppName app,
        @Nullable UUID revision,
        @Nullable UUID runner,
        @Nullable UUID request,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable String search,
        LogLine.@Nullable Level level,
        int limit) {
    public static LogQuery of(String account) {
        return new LogQuery(account, null, null, null, null, null, null, null, null, 1000);
    }

    public LogQuery withApp(AppName wanted) {
        return new LogQuery(
                account, wanted, revision, runner, request, since, until, search, level, limit);
    }

    public LogQuery withRunner(UUID wanted) {
        return new LogQuery(
                account, app, revision, wanted, request, since, until, search, level, limit);
    }

    public LogQuery withRequest(UUID wanted) {
        return new LogQuery(
                account, app, revision, runner, wanted, since, until, search, level, limit);
    }

    public LogQuery between(@Nullable Instant from, @Nullable Instant to) {
        return new LogQuery(
                account, app, revision, runner, request, from, to, search, level, limit);
    }

    public LogQuery withLimit(int most) {
        return new LogQuery(
                account, app, revision, runner, request, since, until, search, level, most);
    }

    /// Whether a line belongs to this query; the limit does not count.
    public boolean matches(LogLine line) {
        return line.account().equals(account)
                && (app == null || app.equals(line.app()))
                && (revision == null || revision.equals(line.revision()))
                && (runner == null || runner.equals(line.runner()))
                && (request == null || request.equals(line.request()))
                && (since == null || !line.at().isBefore(since))
                && (until == null || line.at().isBefore(until))
                && (search == null || line.message().toLowerCase().contains(search.toLowerCase()))
                && (level == null || level == line.level());
    }
}
