/// How many runners each alias should have. Pure: a snapshot and an instant go in, a decision comes
/// out.
@NullMarked
package mews.scale;

import org.jspecify.annotations.NullMarked;
