@NullMarked
package mews.logs;

import org.jspecify.annotations.NullMarked;
