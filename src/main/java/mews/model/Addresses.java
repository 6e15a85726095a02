package mews.model;

/// Where each family of calls is reached from outside; every URL that Mews returns is made from
/// these.
///
/// @param api scheme and authority of gRPC and REST, without a trailing slash
/// @param run of sync calls
/// @param queue of the queue
/// @param ws of HTTP over websocket, scheme `ws` or `wss`
public record Addresses(String api, String run, String queue, String ws) {
    /// No trailing slash: clients append paths that begin with one. protocol: control 2.6
    public String runUrl(AppName app) {
        return run + "/" + app;
    }

    public String queueUrl(AppName app) {
        return queue + "/" + app;
    }

    public String wsUrl(AppName app) {
        return ws + "/" + app;
    }

    /// The same over TLS, which is on the same ports.
    public Addresses overTls() {
        return new Addresses(secure(api), secure(run), secure(queue), secure(ws));
    }

    /// A port that goes without saying differs between the two, so that it is said.
    private static String secure(String url) {
        int begin = url.indexOf("://") + 3;
        String scheme = url.substring(0, begin);
        if (!scheme.equals("http://") && !scheme.equals("ws://")) {
            return url;
        }
        int slash = url.indexOf('/', begin);
        int end = slash < 0 ? url.length() : slash;
        String authority = url.substring(begin, end);
        boolean port = authority.matches(".*:\\d+");
        return scheme.replace("://", "s://") + authority + (port ? "" : ":80") + url.substring(end);
    }

    /// `host:port` of the control plane.
    public String apiAuthority() {
        return api.substring(api.indexOf("://") + 3);
    }
}
