/// Starts a process in namespaces, cgroup and uid; for runners and for builds. Knows nothing of
/// apps.
@NullMarked
package mews.sandbox;

import org.jspecify.annotations.NullMarked;
