package mews.build.image;

import java.util.regex.Pattern;
import mews.model.Refusal;

/// A reference to an image in a registry, spelled in full.
///
/// @param registry such as `docker.io` or `127.0.0.1:5000`
/// @param repository such as `library/python`
/// @param version `:tag` or `@sha256:…`
record ImageName(String registry, String repository, String version) {
    static final String DOCKER = "docker.io";

    private static final Pattern SOUND = Pattern.compile("[\\w][\\w.:/@\\-+]*");

    /// Short names mean docker.io, and its library.
    ///
    /// @throws Refusal if it is no reference
    static ImageName parse(String text) {
        String name = text.startsWith("docker://") ? text.substring(9) : text;
        if (!SOUND.matcher(name).matches()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "'%s' is no image; write name:tag or registry/name:tag".formatted(text));
        }
        int at = name.indexOf('@');
        String version = at < 0 ? "" : name.substring(at);
        name = at < 0 ? name : name.substring(0, at);
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean hosted = first.contains(".") || first.contains(":") || first.equals("localhost");
        String registry = hosted ? RegistryLogins.registry(first) : DOCKER;
        String repository = hosted ? name.substring(slash + 1) : name;
        int colon = repository.indexOf(':');
        if (colon >= 0) {
            // A tag beside a digest says nothing.
            version = version.isEmpty() ? repository.substring(colon) : version;
            repository = repository.substring(0, colon);
        }
        if (registry.equals(DOCKER) && !repository.contains("/")) {
            repository = "library/" + repository;
        }
        return new ImageName(registry, repository, version.isEmpty() ? ":latest" : version);
    }

    @Override
    public String toString() {
        return registry + "/" + repository + version;
    }
}
