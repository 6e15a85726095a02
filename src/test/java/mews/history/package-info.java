@NullMarked
package mews.history;

import org.jspecify.annotations.NullMarked;
