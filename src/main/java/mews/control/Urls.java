package mews.control;

import mews.model.Addresses;
import mews.model.AppName;
import mews.wire.proto.ServiceURLs;

/// Where an app is reached; clients append paths that begin with `/`. protocol: control 2.6
final class Urls {
    private Urls() {}

    /// @param addresses as the caller reaches them
    static ServiceURLs of(Addresses addresses, AppName app) {
        return ServiceURLs.newBuilder()
                // The app itself: its documentation pages are its own.
                .setPlayground(addresses.runUrl(app))
                .setRun(addresses.runUrl(app))
                .setQueue(addresses.queueUrl(app))
                .setWs(addresses.wsUrl(app))
                .setLog(addresses.api() + "/v1/mews/apps/" + app + "/logs")
                .build();
    }
}
