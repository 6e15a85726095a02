/// Fixtures and fakes that tests of several rooms share.
@NullMarked
package mews.testing;

import org.jspecify.annotations.NullMarked;
