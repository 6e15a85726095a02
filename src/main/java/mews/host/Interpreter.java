package mews.host;

import java.nio.file.Path;

/// A CPython on this machine.
///
/// @param path the executable itself, symbolic links resolved
/// @param version such as `3.11.7`
/// @param minor such as `3.11`
/// @param prefix its installation folder; visible in a sandbox by itself when below `/usr`
/// @param platform what compiled packages must fit, such as `cpython-311-linux-x86_64`
public record Interpreter(Path path, String version, String minor, Path prefix, String platform) {}
