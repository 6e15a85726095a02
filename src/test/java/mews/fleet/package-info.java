@NullMarked
package mews.fleet;

import org.jspecify.annotations.NullMarked;
