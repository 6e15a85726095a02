package mews.control;

import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntSupplier;
import mews.account.Accounts;
import mews.account.Keys;
import mews.account.Secrets;
import mews.account.Teams;
import mews.base.Home;
import mews.base.Seal;
import mews.build.Cache;
import mews.build.EnvironmentBuilder;
import mews.deploy.Deployment;
import mews.fleet.Fleet;
import mews.history.History;
import mews.logs.Logs;
import mews.model.Addresses;
import mews.model.AppName;
import mews.model.MachineCatalog;
import mews.queue.Queue;
import mews.scale.Standing;
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
/// @param sealingKeys makes a new key that seals from now on; tells how many secrets were sealed
///   again
/// @param standings what an app has and asks for now; empty if there is no such app
/// @param region where this server runs; null serves any
public record ControlRooms(
        Accounts accounts,
        Keys keys,
        Teams teams,
        Secrets secrets,
        Logs logs,
        History history,
        FileRooms files,
        Seal seal,
        IntSupplier sealingKeys,
        Home home,
        Fleet fleet,
        Queue queue,
        EnvironmentBuilder builder,
        Deployment deployment,
        MachineCatalog machines,
        Reach addresses,
        @Nullable String region,
        Cache cache,
        Function<AppName, Optional<Standing>> standings,
        InstantSource clock) {
    /// How this server is reached.
    ///
    /// @param named what URLs are made of that are not for one caller
    /// @param secure the same for clients that speak TLS only
    /// @param authority what these need to trust besides the roots of their system, in PEM; null:
    ///   nothing
    /// @param asReached what one caller gets, by where and how it came
    public record Reach(
            Addresses named,
            Addresses secure,
            @Nullable String authority,
            Function<HttpServerRequest, Addresses> asReached) {}

    /// What keeps files.
    public record FileRooms(Blobs blobs, AppFiles appFiles, Parts parts, Uploads uploads) {}
}
