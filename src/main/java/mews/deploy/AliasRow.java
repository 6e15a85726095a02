package mews.deploy;

import java.util.UUID;
import mews.model.Alias;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.RevisionSpec;
import org.jspecify.annotations.Nullable;

/// An alias with what `next` brings along when it takes over; its transitions. Pure.
///
/// @param nextAuth mode that comes with `next`, null keeps
/// @param nextReset whether all settings of `next` replace the tuned ones
record AliasRow(Alias alias, @Nullable AuthMode nextAuth, boolean nextReset) {
    static AliasRow settled(Alias alias) {
        return new AliasRow(alias, null, false);
    }

    Settings settings() {
        return new Settings(
                alias.scale(),
                alias.requestTimeout(),
                alias.startupTimeout(),
                alias.requestStartTimeout(),
                alias.machineTypes(),
                alias.regions());
    }

    /// `revision` comes up beside the serving one.
    AliasRow coming(UUID revision, @Nullable AuthMode auth, boolean reset) {
        Alias with = copy(alias.auth(), alias.serving(), revision, settings());
        return new AliasRow(withStrategy(with, DeploymentStrategy.ROLLING), auth, reset);
    }

    /// `revision` takes over now, whatever was coming up.
    AliasRow serving(UUID revision, RevisionSpec spec, @Nullable AuthMode auth, boolean reset) {
        Settings settings = reset ? Settings.of(spec) : settings().inheritedBy(spec);
        return settled(copy(auth == null ? alias.auth() : auth, revision, null, settings));
    }

    AliasRow recreating() {
        return new AliasRow(withStrategy(alias, DeploymentStrategy.RECREATE), nextAuth, nextReset);
    }

    AliasRow withoutNext() {
        return settled(copy(alias.auth(), alias.serving(), null, settings()));
    }

    AliasRow tuned(Aliases.Tuning by) {
        Settings settings = settings().tuned(by);
        return new AliasRow(
                copy(alias.auth(), alias.serving(), alias.next(), settings), nextAuth, nextReset);
    }

    AliasRow rolledOut() {
        Alias next =
                new Alias(
                        alias.app(),
                        alias.auth(),
                        alias.serving(),
                        alias.next(),
                        alias.strategy(),
                        alias.scale(),
                        alias.requestTimeout(),
                        alias.startupTimeout(),
                        alias.requestStartTimeout(),
                        alias.machineTypes(),
                        alias.regions(),
                        alias.ephemeral(),
                        alias.generation() + 1,
                        alias.createdAt());
        return new AliasRow(next, nextAuth, nextReset);
    }

    boolean pointsTo(UUID revision) {
        return revision.equals(alias.serving()) || revision.equals(alias.next());
    }

    private Alias copy(AuthMode auth, UUID serving, @Nullable UUID next, Settings settings) {
        return new Alias(
                alias.app(),
                auth,
                serving,
                next,
                alias.strategy(),
                settings.scale(),
                settings.requestTimeout(),
                settings.startupTimeout(),
                settings.requestStartTimeout(),
                settings.machineTypes(),
                settings.regions(),
                alias.ephemeral(),
                alias.generation(),
                alias.createdAt());
    }

    private static Alias withStrategy(Alias alias, DeploymentStrategy strategy) {
        return new Alias(
                alias.app(),
                alias.auth(),
                alias.serving(),
                alias.next(),
                strategy,
                alias.scale(),
                alias.requestTimeout(),
                alias.startupTimeout(),
                alias.requestStartTimeout(),
                alias.machineTypes(),
                alias.regions(),
                alias.ephemeral(),
                alias.generation(),
                alias.createdAt());
    }
}
