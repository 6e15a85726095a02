@NullMarked
package mews.base;

import org.jspecify.annotations.NullMarked;
