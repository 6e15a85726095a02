package mews.build;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Says in one line why uv failed, where it takes uv several, or names no cause.
final class Explanation {
    private static final Pattern FETCHED =
            Pattern.compile("Failed to fetch: `?(?<url>\\S+?)`?(?=\\s|$)");
    private static final Pattern GIT_URL = Pattern.compile("'(?<url>\\w+://\\S+)'");
    private static final Pattern SILENT = Pattern.compile("timed out", Pattern.CASE_INSENSITIVE);
    private static final Pattern NO_SIGN_IN =
            Pattern.compile("could not read (Username|Password)|Authentication failed");
    private static final Pattern REFUSED =
            Pattern.compile("(?<status>401 Unauthorized|403 Forbidden)");
    private static final Pattern NO_FIT = Pattern.compile("no wheels with a matching");
    private static final Pattern BROKEN =
            Pattern.compile(
                    "Failed to (download|fetch|extract)|Request failed|hash mismatch|Hash mismatch",
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern NOT_FOUND =
            Pattern.compile("(?<name>[a-z0-9._-]+) was not found in the package registry");

    private final Recipe recipe;
    private final long stallSeconds;
    private final String minor;

    Explanation(Recipe recipe, long stallSeconds, String minor) {
        this.recipe = recipe;
        this.stallSeconds = stallSeconds;
        this.minor = minor;
    }

    /// @return what uv said, with the cause before it if it is known
    String of(String said) {
        return cause(said).map(cause -> cause + "\n" + said).orElse(said);
    }

    /// @return a requirement's URL that uv could not make use of; whether the URL is at fault is
    ///   not known
    Optional<SourceUrl> suspect(String said) {
        return BROKEN.matcher(said).find()
                ? recipe.archives().filter(url -> said.contains(url.path())).findFirst()
                : Optional.empty();
    }

    /// @return pages of indexes for a package that was not found: uv says the same whether an index
    ///   does not have it or does not let us in
    List<SourceUrl> pages(String said) {
        Matcher missing = NOT_FOUND.matcher(said);
        return missing.find()
                ? recipe.lockedIndexes().map(index -> index.below(missing.group("name"))).toList()
                : List.of();
    }

    private Optional<String> cause(String said) {
        if (NO_SIGN_IN.matcher(said).find()) {
            return host(GIT_URL, said)
                    .map(host ->
                            "git: %s wants another user name, password or token than the requirement has"
                                    .formatted(host));
        }
        if (SILENT.matcher(said).find()) {
            return host(FETCHED, said)
                    .map(host ->
                            "%s sent nothing for %d s, several times; builds.stall_seconds in mews.toml is the bound"
                                    .formatted(host, stallSeconds));
        }
        Matcher refused = REFUSED.matcher(said);
        if (refused.find()) {
            return Optional.of(
                    "%s: user name, password or token of %s are wrong or missing"
                            .formatted(refused.group("status"), servers(said)));
        }
        return NO_FIT.matcher(said).find() ? misfit(said) : Optional.empty();
    }

    private static String servers(String said) {
        return host(FETCHED, said).orElse("an index");
    }

    /// A wheel by its URL; for one on an index uv's own words say it.
    private Optional<String> misfit(String said) {
        for (SourceUrl url : recipe.archives().toList()) {
            List<String> parts = List.of(url.fileName().replace(".whl", "").split("-"));
            String name = parts.getFirst().toLowerCase(Locale.ROOT).replace('_', '-');
            if (url.fileName().endsWith(".whl") && said.contains(name + "==")) {
                String tag = String.join("-", parts.subList(parts.size() - 3, parts.size()));
                return Optional.of(
                        "requirement '%s': the wheel is for %s, which is not Python %s on this platform; name one that fits"
                                .formatted(UrlMask.forPeople(url.toString()), tag, minor));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> host(Pattern pattern, String said) {
        Matcher found = pattern.matcher(said);
        return found.find()
                ? SourceUrl.parse(found.group("url")).map(url -> url.host())
                : Optional.empty();
    }

    /// uv tells at length what it did before it tells what went wrong; the latter is wanted.
    static String gist(List<String> said, int code) {
        for (int i = 0; i < said.size(); i++) {
            String line = said.get(i).strip();
            if (line.startsWith("×") || line.startsWith("error")) {
                return String.join("\n", said.subList(i, said.size()));
            }
        }
        return said.isEmpty() ? "uv ended with exit code " + code : String.join("\n", said);
    }
}
