/// Client commands. They talk to a server over fal's gRPC and REST and know nothing of its inside.
@NullMarked
package mews.cli;

import org.jspecify.annotations.NullMarked;
