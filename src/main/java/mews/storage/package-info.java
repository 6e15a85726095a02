/// Files that callers and runners hand over, kept by content hash.
@NullMarked
package mews.storage;

import org.jspecify.annotations.NullMarked;
