package mews.model;

/// A file that travels with an app. protocol: control 4.5
///
/// @param hash sha256 hex over content and decimal mode, the key under `storage`
/// @param relativePath POSIX path below the context folder, never absolute, never with `..`
public record AppFile(String hash, String relativePath) {}
