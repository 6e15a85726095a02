@NullMarked
package mews.storage;

import org.jspecify.annotations.NullMarked;
