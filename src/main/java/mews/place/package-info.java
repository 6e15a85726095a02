/// Which node and machine type a runner gets, and which runner goes first. Pure: no clock, no input
/// or output.
@NullMarked
package mews.place;

import org.jspecify.annotations.NullMarked;
