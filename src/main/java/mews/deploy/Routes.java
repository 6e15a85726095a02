package mews.deploy;

import java.util.Collection;
import java.util.function.Consumer;
import mews.model.AppName;
import mews.model.Route;
import org.jspecify.annotations.Nullable;

/// What every alias is now, read from memory: the only part of this room that the path of a call
/// touches. Thread-safe, never blocks.
public interface Routes {
    @Nullable Route find(AppName app);

    Collection<Route> all();

    /// Hears of every change of an alias, after the commit; must not block.
    void onChange(Consumer<AppName> listener);
}
