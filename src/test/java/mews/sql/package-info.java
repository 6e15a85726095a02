@NullMarked
package mews.sql;

import org.jspecify.annotations.NullMarked;
