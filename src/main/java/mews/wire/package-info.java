/// Shapes of fal's protocols and of ours with the runner; no logic. Generated classes live in
/// mews.wire.proto.
@NullMarked
package mews.wire;

import org.jspecify.annotations.NullMarked;
