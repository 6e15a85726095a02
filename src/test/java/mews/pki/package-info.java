@NullMarked
package mews.pki;

import org.jspecify.annotations.NullMarked;
