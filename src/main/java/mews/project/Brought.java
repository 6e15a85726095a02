package mews.project;

import java.util.List;

/// Local files that an app or its image needs.
public sealed interface Brought permits AppFiles.Selection, BuildContext {
    /// @return the files, hashed, each path once
    /// @throws mews.model.Refusal if one is missing, leaves its folder or is too large
    List<AppFiles.Entry> select();
}
