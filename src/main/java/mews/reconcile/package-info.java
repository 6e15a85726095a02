/// Every tick or poke: snapshot, decide, place, tell the fleet. Holds no state that could not be
/// read again.
@NullMarked
package mews.reconcile;

import org.jspecify.annotations.NullMarked;
