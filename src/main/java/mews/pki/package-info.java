/// The local certificate authority and its bundle of roots.
@NullMarked
package mews.pki;

import org.jspecify.annotations.NullMarked;
