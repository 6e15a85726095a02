package mews.model;

import java.time.Instant;
import java.util.UUID;

/// One immutable deploy of an app.
///
/// @param id what commands call the revision or application id
public record Revision(UUID id, AppName app, RevisionSpec spec, Image image, Instant createdAt) {}
