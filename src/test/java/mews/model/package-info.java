@NullMarked
package mews.model;

import org.jspecify.annotations.NullMarked;
