package mews.model;

/// Everything the path of a call needs to know about an alias, held in memory.
///
/// @param alias as it is now
/// @param revision the one that serves
public record Route(Alias alias, Revision revision) {
    public AppName app() {
        return alias.app();
    }
}
