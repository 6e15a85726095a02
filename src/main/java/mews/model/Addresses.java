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

    /// `host:port` of the control plane.
    public String apiAuthority() {
        return api.substring(api.indexOf("://") + 3);
    }
}
