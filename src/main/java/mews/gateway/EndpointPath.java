package mews.gateway;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.model.AppName;
import org.jspecify.annotations.Nullable;

/// A path of the data plane, taken apart. protocol: data 2, 5
///
/// @param app owner and alias
/// @param rest what the runner gets: begins with `/`, percent-encoding untouched
/// @param request set if the path names a request of the queue
/// @param operation what is asked about that request: empty for its result
record EndpointPath(AppName app, String rest, @Nullable UUID request, String operation) {
    /// Like workflows, it shifts owner and app by one; nothing runs below it here.
    private static final String COMFY = "comfy";

    private static final String REQUESTS = "requests";
    private static final Pattern OLD_ID = Pattern.compile("/(\\d+)-([^/]+)/?");

    /// @return null if the path has no owner and app
    static @Nullable EndpointPath ofCall(String path) {
        List<String> parts = Arrays.asList(split(withOwnerApart(path)));
        int own = own(parts);
        if (parts.size() < own
                || parts.subList(1, own).contains("")
                || parts.get(1).equals(COMFY)) {
            return null;
        }
        String rest = "/" + String.join("/", parts.subList(own, parts.size()));
        String alias = String.join("/", parts.subList(2, own));
        return new EndpointPath(new AppName(parts.get(1), alias), rest, null, "");
    }

    /// Where the app's own path begins.
    private static int own(List<String> parts) {
        return parts.size() > 1 && parts.get(1).equals(AppName.WORKFLOWS) ? 4 : 3;
    }

    boolean isWorkflow() {
        return app.isWorkflow();
    }

    /// The app with the path below it, as callers write it.
    String whole() {
        return rest.equals("/") ? app.toString() : app + rest;
    }

    /// Also understands `…/requests/{id}[/operation]`, with or without the app's own path before
    /// it.
    static @Nullable EndpointPath ofQueue(String path) {
        EndpointPath call = ofCall(path);
        if (call == null) {
            return null;
        }
        List<String> parts = Arrays.asList(split(withOwnerApart(path)));
        for (int at = parts.size() - 1; at >= own(parts); at--) {
            UUID request =
                    at + 1 < parts.size() && parts.get(at).equals(REQUESTS)
                            ? uuid(parts.get(at + 1))
                            : null;
            if (request != null) {
                List<String> operation =
                        parts.subList(at + 2, parts.size()).stream()
                                .filter(part -> !part.isEmpty())
                                .toList();
                return new EndpointPath(
                        call.app(), call.rest(), request, String.join("/", operation));
            }
        }
        return call;
    }

    /// Whether the path is about a request, but its id is none.
    static boolean malformedRequest(String path) {
        List<String> parts = Arrays.asList(split(path));
        int own = own(parts);
        return parts.size() > own + 1
                && parts.get(own).equals(REQUESTS)
                && uuid(parts.get(own + 1)) == null;
    }

    /// Old ids are one segment, digits and name joined by a dash. protocol: data 2
    private static String withOwnerApart(String path) {
        Matcher old = OLD_ID.matcher(path);
        return old.matches() ? "/" + old.group(1) + "/" + old.group(2) : path;
    }

    private static String[] split(String path) {
        return path.split("/", -1);
    }

    private static @Nullable UUID uuid(String text) {
        try {
            return text.length() == 36 ? UUID.fromString(text) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
