/// Runners: their states, the drivers that run them, health, drain and stop. Never decides how many
/// there should be.
@NullMarked
package mews.fleet;

import org.jspecify.annotations.NullMarked;
