@NullMarked
package mews.account;

import org.jspecify.annotations.NullMarked;
