package mews.build.image;

import mews.base.Masker;
import mews.build.RequirementLayer;
import mews.build.SourceUrl;

/// What the installer's cache would keep of the indexes that an image's requirements name. uv
/// leaves out what stands before the host of an index, and nothing else.
///
/// @param masker hides all that is confidential
record ImageUrls(Masker masker) {
    /// Whether the cache would keep something confidential of the indexes.
    ///
    /// @param filled a layer with its secrets
    boolean areTraced(RequirementLayer filled) {
        return filled.places().stream()
                .anyMatch(url -> hasSecretPath(url) || !url.query().isEmpty());
    }

    private boolean hasSecretPath(SourceUrl url) {
        return !masker.mask(url.path()).equals(url.path());
    }
}
