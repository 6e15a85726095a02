package mews.deploy;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.Route;
import org.jspecify.annotations.Nullable;

/// What owners see and tune.
final class Tuned implements Aliases {
    private static final int SHORTEST = 4;
    private static final int SHOWN = 5;
    private static final Pattern PREFIX = Pattern.compile("[0-9a-fA-F-]{4,36}");

    private final Revisions revisions;
    private final AliasTable aliases;

    Tuned(Revisions revisions, AliasTable aliases) {
        this.revisions = revisions;
        this.aliases = aliases;
    }

    @Override
    public List<Alias> list(String owner, @Nullable String environment) {
        return aliases.all().stream()
                .map(Route::alias)
                .filter(alias -> alias.app().owner().equals(owner) && !alias.ephemeral())
                .filter(alias ->
                        environment == null || alias.app().environment().equals(environment))
                .sorted(Comparator.comparing(Alias::app))
                .toList();
    }

    @Override
    public Optional<Alias> find(AppName app) {
        return Optional.ofNullable(aliases.find(app)).map(Route::alias);
    }

    @Override
    public List<Listed> revisions(String owner, @Nullable AppName app) {
        return revisions.list(owner, app);
    }

    @Override
    public Optional<Revision> revision(UUID id) {
        return revisions.find(id);
    }

    @Override
    public Revision revision(String owner, @Nullable AppName app, String prefix) {
        String whose = app == null ? "" : " of app '%s'".formatted(app.alias());
        if (!PREFIX.matcher(prefix).matches()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "'%s' is no revision id; give its first %d characters or more"
                            .formatted(prefix, SHORTEST));
        }
        List<UUID> found =
                revisions.startingWith(owner, app, prefix.toLowerCase(Locale.ROOT), SHOWN + 1);
        if (found.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND, "revision '%s'%s not found".formatted(prefix, whose));
        }
        if (found.size() > 1) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "'%s' is the beginning of several revisions%s: %s%s; give more of it"
                            .formatted(
                                    prefix,
                                    whose,
                                    found.stream()
                                            .limit(SHOWN)
                                            .map(UUID::toString)
                                            .collect(Collectors.joining(", ")),
                                    found.size() > SHOWN ? " and more" : ""));
        }
        return revisions.find(found.getFirst()).orElseThrow(() -> unknown(found.getFirst()));
    }

    @Override
    public Optional<Revision> incoming(AppName app) {
        return find(app)
                .map(Alias::next)
                .flatMap(revisions::find)
                .map(revision -> AliasTable.named(revision, app));
    }

    @Override
    public Alias tune(AppName app, Tuning tuning) {
        return changed(app, now -> known(app, now).tuned(tuning));
    }

    @Override
    public Alias point(
            AppName app,
            UUID revision,
            @Nullable AuthMode auth,
            @Nullable DeploymentStrategy strategy) {
        AppNames.check(app);
        Revision target =
                revisions
                        .find(revision)
                        .filter(found -> found.app().owner().equals(app.owner()))
                        .orElseThrow(() -> unknown(revision));
        revisions.hope(revision);
        return changed(app, now -> pointed(now, AliasTable.named(target, app), auth, strategy));
    }

    @Override
    public Alias rollout(AppName app) {
        return changed(app, now -> known(app, now).rolledOut());
    }

    @Override
    public void deleteRevision(String owner, UUID revision) {
        boolean deleted =
                aliases.holding(
                        revision,
                        user -> {
                            if (user.isPresent() && user.get().owner().equals(owner)) {
                                throw inUse(revision, user.get());
                            }
                            return user.isEmpty() && revisions.delete(owner, revision);
                        });
        if (!deleted) {
            throw unknown(revision);
        }
    }

    private static AliasRow pointed(
            @Nullable AliasRow now,
            Revision target,
            @Nullable AuthMode auth,
            @Nullable DeploymentStrategy strategy) {
        if (now == null) {
            return AliasRow.settled(
                    Deploys.first(
                            target,
                            auth == null ? AuthMode.PRIVATE : auth,
                            strategy == null ? DeploymentStrategy.ROLLING : strategy,
                            false));
        }
        return switch (strategy == null ? now.alias().strategy() : strategy) {
            case RECREATE -> now.serving(target.id(), target.spec(), auth, false).recreating();
            case ROLLING ->
                    now.alias().serving().equals(target.id())
                            ? now.serving(target.id(), target.spec(), auth, false)
                            : now.coming(target.id(), auth, false);
        };
    }

    private Alias changed(AppName app, AliasTable.Change change) {
        AliasRow after = aliases.change(app, change).after();
        if (after == null) {
            throw Deploys.missing(app);
        }
        return after.alias();
    }

    private static AliasRow known(AppName app, @Nullable AliasRow now) {
        if (now == null) {
            throw Deploys.missing(app);
        }
        return now;
    }

    private static Refusal unknown(UUID revision) {
        return new Refusal(Refusal.Kind.NOT_FOUND, "revision %s not found".formatted(revision));
    }

    private static Refusal inUse(UUID revision, AppName app) {
        return new Refusal(
                Refusal.Kind.FAILED_PRECONDITION,
                "revision %s is in use by '%s'; point the app to another revision first"
                        .formatted(revision, app.alias()));
    }
}
