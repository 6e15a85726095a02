/// What a pyproject.toml says: read, checked, loaded, local code packaged. Used by the command line
/// alone; never talks to a server.
@NullMarked
package mews.project;

import org.jspecify.annotations.NullMarked;
