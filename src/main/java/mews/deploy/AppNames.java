package mews.deploy;

import java.util.regex.Pattern;
import mews.base.Ids;
import mews.model.AppName;
import mews.model.Refusal;

/// Which aliases there may be. protocol: control 2.3, 5.6
public final class AppNames {
    private static final Pattern PART = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final int SUFFIX = 6;
    private static final int LONGEST_SLUG = 63 - 1 - SUFFIX;

    private AppNames() {}

    /// @throws Refusal if the alias breaks the rule
    static void check(AppName app) {
        String alias = app.alias();
        String environment = app.environment();
        String bare = bare(app.alias());
        if (!PART.matcher(bare).matches()
                || bare.contains(AppName.ENVIRONMENT_MARK)
                || !PART.matcher(environment).matches()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    """
                    app name '%s' is not allowed: 1 to 63 of a-z, 0-9 and '-', first a letter or \
                    digit, '--' only before the environment; try '%s'\
                    """
                            .formatted(alias, slug(bare)));
        }
    }

    /// A name for a run: what was wished for, made fit for a URL, and six characters that keep it
    /// apart from other runs. The environment stays at the end.
    public static AppName ephemeral(String owner, String wish) {
        int mark = wish.lastIndexOf(AppName.ENVIRONMENT_MARK);
        String environment = mark > 0 ? wish.substring(mark) : "";
        return new AppName(owner, slug(bare(wish)) + "-" + Ids.slug(SUFFIX) + environment);
    }

    private static String bare(String alias) {
        int mark = alias.lastIndexOf(AppName.ENVIRONMENT_MARK);
        return mark > 0 ? alias.substring(0, mark) : alias;
    }

    static String slug(String text) {
        String slug =
                text.toLowerCase(java.util.Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-|-$", "");
        String cut = slug.substring(0, Math.min(slug.length(), LONGEST_SLUG));
        String trimmed = cut.replaceAll("-$", "");
        return trimmed.isEmpty() ? "app" : trimmed;
    }
}
