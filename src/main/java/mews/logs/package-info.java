/// What runners and builds said: take in, keep, tail.
@NullMarked
package mews.logs;

import org.jspecify.annotations.NullMarked;
