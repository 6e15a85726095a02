package mews.model;

/// Who owns an app and the alias it is deployed under; the two path parts of its URL.
///
/// @param owner nickname of the account, `[a-z0-9][a-z0-9-]{0,38}`
/// @param alias the alias, with `--ENV` appended when the app lives in a named environment other
///   than `main`
public record AppName(String owner, String alias) implements Comparable<AppName> {
    /// Between an app's own name and its environment. protocol: control 2.3
    public static final String ENVIRONMENT_MARK = "--";

    /// Owner of no account: what waits in the queue for a workflow waits for an app of this name.
    /// protocol: data 2
    public static final String WORKFLOWS = "workflows";

    public AppName {
        if (owner.isEmpty() || alias.isEmpty()) {
            throw new IllegalArgumentException(
                    "an app needs an owner and an alias, got '%s/%s'".formatted(owner, alias));
        }
    }

    /// The named environment the alias lives in, `main` without a suffix.
    public String environment() {
        int mark = alias.lastIndexOf(ENVIRONMENT_MARK);
        return mark > 0 ? alias.substring(mark + ENVIRONMENT_MARK.length()) : "main";
    }

    /// Whether it names a workflow, which has neither revisions nor runners: `workflows`, then its
    /// owner and name.
    public boolean isWorkflow() {
        return owner.equals(WORKFLOWS);
    }

    @Override
    public int compareTo(AppName other) {
        int byOwner = owner.compareTo(other.owner);
        return byOwner != 0 ? byOwner : alias.compareTo(other.alias);
    }

    /// `owner/alias`, as in a URL.
    @Override
    public String toString() {
        return owner + "/" + alias;
    }
}
