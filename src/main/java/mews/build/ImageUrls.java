package mews.build;

import mews.base.Masker;
import mews.model.Refusal;

/// What an image and the installer's cache would keep of the URLs in its requirements. uv leaves
/// out what stands before the host of an index, and nothing else.
///
/// @param masker hides all that is confidential
record ImageUrls(Masker masker, Uploaded uploaded) {
    /// @param filled a layer with its secrets
    /// @throws Refusal naming a package that could only be had by a URL that the image would show
    void check(RequirementLayer filled) {
        for (String entry : filled.packages()) {
            Package.parse(entry)
                    .source()
                    .filter(this::isShown)
                    .ifPresent(url -> {
                        throw new Refusal(
                                Refusal.Kind.INVALID,
                                "requirement '%s': the image of a container app would show its query, password or token; install it in the Dockerfile with a build secret, or from an index with a password (--extra-index-url)"
                                        .formatted(masker.mask(UrlMask.forPeople(url.toString()))));
                    });
        }
    }

    /// Whether the cache would keep something confidential of the indexes.
    ///
    /// @param filled a layer with its secrets
    boolean areTraced(RequirementLayer filled) {
        return filled.places().stream()
                .anyMatch(url -> hasSecretPath(url) || !url.query().isEmpty());
    }

    private boolean isShown(SourceUrl url) {
        if (uploaded.find(url.toString()).isPresent()) {
            return false;
        }
        boolean signsIn = !url.user().isEmpty() && !url.scheme().endsWith("ssh");
        return signsIn || !url.query().isEmpty() || hasSecretPath(url);
    }

    private boolean hasSecretPath(SourceUrl url) {
        return !masker.mask(url.path()).equals(url.path());
    }
}
