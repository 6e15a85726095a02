package mews.model;

/// Where a runner takes requests: the path of a Unix socket on this machine.
public record Endpoint(String socketPath) {}
