/// Facts about requests, attempts, runners and decisions, from which explanations are read.
@NullMarked
package mews.history;

import org.jspecify.annotations.NullMarked;
