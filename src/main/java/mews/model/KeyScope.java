package mews.model;

/// What a key may do. protocol: data 3
public enum KeyScope {
    /// Everything: deploy, scale, secrets, keys, and calls.
    ADMIN,
    /// Calls only.
    API
}
