/// Ground that every room may stand on: loop, backoff, ids, sealing, configuration and the only
/// reader of the environment.
@NullMarked
package mews.base;

import org.jspecify.annotations.NullMarked;
