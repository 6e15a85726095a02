package mews.build.image;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import mews.build.DiskSpace;
import mews.model.Refusal;

/// Why an image could not be fetched, in words that help.
///
/// @param unreachable nobody answered there: what was fetched earlier may still be good
record RegistryTrouble(Refusal refusal, boolean unreachable) {
    private static final Pattern UNREACHABLE =
            Pattern.compile(
                    "connection refused|no such host|i/o timeout|network is unreachable|no route to host|tls handshake timeout|server misbehaving|context deadline exceeded");
    private static final Pattern BROKEN =
            Pattern.compile(
                    "unexpected eof|connection reset|: eof|broken pipe|closed network connection");
    private static final Pattern UNKNOWN =
            Pattern.compile("manifest unknown|name unknown|not found|404|manifest invalid");
    private static final Pattern DENIED =
            Pattern.compile(
                    "unauthorized|authentication required|denied|forbidden|invalid username/password");

    /// @param login whether a user and password for the registry were sent
    static RegistryTrouble of(ImageName name, List<String> said, boolean login, DiskSpace space) {
        String last = last(said);
        String text = String.join("\n", said).toLowerCase(Locale.ROOT);
        String what = "image %s cannot be fetched: ".formatted(name);
        if (DiskSpace.isFull(text)) {
            return new RegistryTrouble(space.full(), false);
        }
        if (text.contains("http response to https client")) {
            return refuse(
                    what
                            + "registry %s speaks plain http; list it under insecure_registries of [containers] in mews.toml if that is meant"
                                    .formatted(name.registry()));
        }
        if (DENIED.matcher(text).find()) {
            return refuse(what + denied(name, login));
        }
        if (text.contains("no image found in") || text.contains("no matching manifest")) {
            return refuse(
                    what
                            + "it has no variant for this host (linux/%s); choose another tag or base"
                                    .formatted(ImageFailures.architecture()));
        }
        if (UNKNOWN.matcher(text).find()) {
            return refuse(
                    what
                            + "registry %s has no %s%s; check name and tag"
                                    .formatted(name.registry(), name.repository(), name.version()));
        }
        if (UNREACHABLE.matcher(text).find()) {
            return new RegistryTrouble(
                    invalid(
                            what
                                    + "registry %s cannot be reached: %s"
                                            .formatted(name.registry(), last)),
                    true);
        }
        if (BROKEN.matcher(text).find()) {
            return refuse(
                    what
                            + "registry %s broke off in the middle, repeatedly; try again: %s"
                                    .formatted(name.registry(), last));
        }
        return refuse(what + last);
    }

    private static String denied(ImageName name, boolean login) {
        return login
                ? "registry %s refused the user and password that were sent for it (unauthorized); check registries of the app's image, and that this user may read %s"
                        .formatted(name.registry(), name.repository())
                : "registry %s asks for a login and none was given (unauthorized); add registries = {\"%s\" = {username = …, password = \"$NAME\"}} to the app's image, or check the name: some registries say this of an image that is not there"
                        .formatted(name.registry(), name.registry());
    }

    private static RegistryTrouble refuse(String message) {
        return new RegistryTrouble(invalid(message), false);
    }

    private static Refusal invalid(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }

    private static String last(List<String> said) {
        List<String> errors =
                said.stream()
                        .filter(line -> line.startsWith("Error") || line.startsWith("error"))
                        .toList();
        String line = errors.isEmpty() ? (said.isEmpty() ? "" : said.getLast()) : errors.getLast();
        return line.replaceFirst("^[Ee]rror:? ", "").strip();
    }
}
