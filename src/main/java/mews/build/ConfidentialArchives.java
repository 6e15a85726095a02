package mews.build;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.base.Json;
import mews.base.Resources;
import tools.jackson.databind.JsonNode;

/// Fetches the archives that requirements name by a signed URL or with a password, and lets uv take
/// them from disk: uv keeps URLs in its cache and in what it installs. Fetching happens in the
/// sandbox, by a program that learns the URLs on its standard input.
public final class ConfidentialArchives {
    private static final Pattern HASH = Pattern.compile("(?:^|&)sha256=([0-9A-Fa-f]{64})");

    private static final Pattern SHUT = Pattern.compile("answered 40[13]");

    private final Installer installer;

    ConfidentialArchives(Installer installer) {
        this.installer = installer;
    }

    /// Whether a URL must not be seen by uv.
    ///
    /// @param filled whether a secret was filled in
    public static boolean isConfidential(SourceUrl url, boolean filled) {
        return url.isWeb() && (filled || !url.user().isEmpty() || !url.query().isEmpty());
    }

    /// @return where each is now; URLs of files
    /// @throws Installer.Failed if one cannot be had, naming it and the reason
    Map<SourceUrl, Path> fetch(
            Bench bench, String minor, List<SourceUrl> urls, Consumer<String> lines)
            throws Installer.Failed, InterruptedException {
        Map<SourceUrl, Path> places = new LinkedHashMap<>();
        List<Map<String, Object>> files = new ArrayList<>();
        for (SourceUrl url : urls) {
            Path place =
                    bench.draft().resolve("fetched-" + places.size()).resolve(safe(url.fileName()));
            places.put(url, place);
            files.add(order(url, place));
            lines.accept("fetching " + UrlMask.forPeople(url.toString()));
        }
        if (files.isEmpty()) {
            return places;
        }
        String said =
                installer.fetch(
                        bench,
                        minor,
                        Resources.text("build/fetch.py"),
                        Json.write(
                                Map.of("timeout", installer.stall().toSeconds(), "files", files)));
        List<String> answers = said.lines().toList();
        for (int i = 0; i < urls.size(); i++) {
            if (i >= answers.size()) {
                throw failed(urls.get(i), "the download was broken off");
            }
            check(urls.get(i), Json.MAPPER.readTree(answers.get(i)));
        }
        return places;
    }

    /// @return why a server does not let us in, if it does not
    Optional<String> shut(Bench bench, String minor, SourceUrl url) throws InterruptedException {
        try {
            fetch(bench, minor, List.of(url), line -> {});
            return Optional.empty();
        } catch (Installer.Failed e) {
            return Optional.of(e.explanation()).filter(said -> SHUT.matcher(said).find());
        }
    }

    private static Map<String, Object> order(SourceUrl url, Path place) {
        Matcher hash = HASH.matcher(url.fragment());
        return Map.of(
                "url", url.withUser("").withFragment("").toString(),
                "sign_in", signIn(url.user()),
                "path", place.toString(),
                "sha256", hash.find() ? hash.group(1) : "");
    }

    /// A token alone is a name with an empty password.
    private static String signIn(String user) {
        String whole = user.isEmpty() || user.contains(":") ? user : user + ":";
        return SourceUrl.decoded(whole);
    }

    private void check(SourceUrl url, JsonNode answer) throws Installer.Failed {
        if (answer.path("ok").asBoolean()) {
            return;
        }
        String detail = answer.path("detail").asString("");
        throw failed(
                url,
                switch (answer.path("problem").asString("")) {
                    case "status" -> status(url, detail);
                    case "loop" -> "%s redirects in a circle".formatted(url.host());
                    case "stalled" ->
                            "%s sent nothing for %d s; builds.stall_seconds in mews.toml is the bound"
                                    .formatted(url.host(), installer.stall().toSeconds());
                    case "hash" ->
                            "the file's sha256 is %s, not what the requirement says; correct one of the two"
                                    .formatted(detail);
                    case "broken" -> "%s broke off: %s".formatted(url.host(), detail);
                    default -> "%s cannot be reached: %s".formatted(url.host(), detail);
                });
    }

    private static String status(SourceUrl url, String detail) {
        String said = "%s answered %s".formatted(url.host(), detail.strip());
        return switch (detail.split(" ")[0]) {
            case "401" -> said + "; user name, password or token in the URL are wrong";
            case "403", "400" ->
                    said
                            + (url.query().isEmpty()
                                    ? "; the account may not read it"
                                    : "; its signature is wrong or expired: make a fresh URL");
            case "404" -> said + "; there is no such file";
            default -> said;
        };
    }

    private static Installer.Failed failed(SourceUrl url, String reason) {
        return new Installer.Failed(
                "requirement '%s': %s".formatted(UrlMask.forPeople(url.toString()), reason));
    }

    private static String safe(String name) {
        return name.matches("[\\w.+!-]*\\w[\\w.+!-]*") ? name : "archive";
    }
}
