/// Turns an environment into an image: content key, steps, cache. Nothing half-built is ever taken
/// for whole.
@NullMarked
package mews.build;

import org.jspecify.annotations.NullMarked;
