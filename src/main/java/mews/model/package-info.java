/// The words of the field, as records. Stands on nothing: no clock, no files, no database.
@NullMarked
package mews.model;

import org.jspecify.annotations.NullMarked;
