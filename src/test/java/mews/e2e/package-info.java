/// The whole of Mews as a person uses it: the launcher, a real server, real environments and
/// runners.
@NullMarked
package mews.e2e;

import org.jspecify.annotations.NullMarked;
