/// What callers use: sync, queue, stream and websocket calls. Turns keys into callers and problems
/// into answers; decides nothing about runners.
@NullMarked
package mews.gateway;

import org.jspecify.annotations.NullMarked;
