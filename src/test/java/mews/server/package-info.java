@NullMarked
package mews.server;

import org.jspecify.annotations.NullMarked;
