/// The only place that builds objects: reads the configuration, wires the rooms, starts and stops
/// them in order. Decides nothing about requests or runners.
@NullMarked
package mews.server;

import org.jspecify.annotations.NullMarked;
