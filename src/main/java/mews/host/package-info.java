/// What this machine has, each thing probed by running it: interpreters, uv, bubblewrap, cgroups,
/// builders, disk, ports.
@NullMarked
package mews.host;

import org.jspecify.annotations.NullMarked;
