package mews.model;

/// Why an attempt may be repeated. protocol: platform 4
public enum RetryCondition {
    TIMEOUT,
    CLIENT_ERROR,
    SERVER_ERROR,
    CONNECTION_ERROR
}
