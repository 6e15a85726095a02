package mews.sandbox;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where somebody wants to go.
///
/// @param host name in lower case, or address literal without brackets
record Target(String host, int port) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})");
    private static final Pattern LITERAL = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    /// @param authority `host:port`, or `host` alone
    /// @param usual port where none is told; 0 = one must be
    static Optional<Target> parse(String authority, int usual) {
        int colon = authority.lastIndexOf(':');
        boolean told = colon > authority.lastIndexOf(']');
        String host = told ? authority.substring(0, colon) : authority;
        String port = told ? authority.substring(colon + 1) : Integer.toString(usual);
        if (!port.matches("[1-9]\\d{0,4}") || Integer.parseInt(port) > 65_535) {
            return Optional.empty();
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        if (!(bracketed ? LITERAL : NAME).matcher(bare).matches()) {
            return Optional.empty();
        }
        String trimmed = bare.endsWith(".") ? bare.substring(0, bare.length() - 1) : bare;
        return Optional.of(new Target(trimmed.toLowerCase(Locale.ROOT), Integer.parseInt(port)));
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
