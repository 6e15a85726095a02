package mews.project;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One thing that is wrong, or will surprise, in a project file.
///
/// @param severity errors stop a run or deploy, warnings do not
/// @param code stable, in snake case, such as `unknown_key`
/// @param app key of the app it belongs to; absent: the whole file
/// @param line from 1
/// @param column from 1, in characters
/// @param message what, which one, the value and the bound
/// @param suggestion what to do, where that can be said
public record Problem(
        Severity severity,
        String code,
        @Nullable String app,
        int line,
        int column,
        String message,
        @Nullable String suggestion) {
    public enum Severity {
        ERROR,
        WARNING;

        String word() {
            return this == ERROR ? "error" : "warning";
        }
    }

    /// `pyproject.toml:LINE:COL`.
    public String at() {
        return ProjectFile.NAME + ":" + line + ":" + column;
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /// One line for people.
    public String human() {
        String advice = suggestion == null ? "" : "; " + suggestion;
        return at() + ": " + severity.word() + ": " + message + advice;
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("at", at());
        json.put("severity", severity.word());
        json.put("code", code);
        if (app != null) {
            json.put("app", app);
        }
        json.put("message", message);
        if (suggestion != null) {
            json.put("suggestion", suggestion);
        }
        return json;
    }
}
