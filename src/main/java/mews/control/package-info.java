/// What owners use: build, run, register, aliases, runners, secrets, keys, logs. Translates fal's
/// control protocol; decides nothing.
@NullMarked
package mews.control;

import org.jspecify.annotations.NullMarked;
