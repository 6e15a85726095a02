/// Tries the door from outside: real sockets, real clients, a real database.
@NullMarked
package mews.control;

import org.jspecify.annotations.NullMarked;
