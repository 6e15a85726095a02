/// Turns a Dockerfile or the name of an image into a root for runners, by a builder without a
/// daemon and in a store of the account's own.
@NullMarked
package mews.build.image;

import org.jspecify.annotations.NullMarked;
