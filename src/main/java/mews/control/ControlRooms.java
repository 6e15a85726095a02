package mews.control;

import java.time.InstantSource;
import mews.account.Accounts;
import mews.account.Keys;
import mews.account.Secrets;
import mews.base.Home;
import mews.base.Seal;
import mews.build.Cache;
import mews.build.EnvironmentBuilder;
import mews.deploy.Deployment;
import mews.fleet.Fleet;
import mews.history.History;
import mews.logs.Logs;
import mews.model.Addresses;
import mews.model.MachineCatalog;
import mews.queue.Queue;
import mews.storage.AppFiles;
import mews.storage.Blobs;
import mews.storage.Parts;
import mews.storage.Uploads;
import org.jspecify.annotations.Nullable;

/// Everything this door opens to.
///
/// @param seal seals upload tokens
/// @param home for the accounts' `/data`
/// @param machines what is on offer
/// @param region where this server runs; null serves any
public record ControlRooms(
        Accounts accounts,
        Keys keys,
        Secrets secrets,
        Logs logs,
        History history,
        FileRooms files,
        Seal seal,
        Home home,
        Fleet fleet,
        Queue queue,
        EnvironmentBuilder builder,
        Deployment deployment,
        MachineCatalog machines,
        Addresses addresses,
        @Nullable String region,
        Cache cache,
        InstantSource clock) {
    /// What keeps files.
    public record FileRooms(Blobs blobs, AppFiles appFiles, Parts parts, Uploads uploads) {}
}
