/// Revisions and aliases: build, record, switch. The alias moves last, so a failed deploy changes
/// nothing for callers.
@NullMarked
package mews.deploy;

import org.jspecify.annotations.NullMarked;
