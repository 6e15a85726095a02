package mews.model;

/// Who may call an app. protocol: platform 8
public enum AuthMode {
    /// The owner and its team, with a key.
    PRIVATE,
    /// Anyone, without a key.
    PUBLIC,
    /// Anyone who has a key of their own.
    SHARED
}
