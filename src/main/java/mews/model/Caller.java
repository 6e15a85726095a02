package mews.model;

/// Someone whose key was checked.
///
/// @param account nickname of the account that is acted for
/// @param user nickname of the user the key belongs to; equals `account` for a personal account
/// @param keyId public half of the key, for logs and audits
/// @param scope what the key may do
public record Caller(String account, String user, String keyId, KeyScope scope) {}
