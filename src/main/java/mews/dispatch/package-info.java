/// Matches requests to slots on ready runners, counts what is in flight, forwards to the runner.
/// Starts and stops no runner.
@NullMarked
package mews.dispatch;

import org.jspecify.annotations.NullMarked;
