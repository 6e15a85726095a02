package mews.build;

import java.util.List;
import mews.model.Image;

/// Who needs images that were built; told by the rooms above.
public interface ImageUsers {
    /// @param account whose it is
    /// @param by for people, such as `app demo` or `runner 0190…`
    record Use(Image image, String account, String by) {}

    /// Everything that needs an image now.
    List<Use> uses();
}
