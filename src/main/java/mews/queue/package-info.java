/// Durable requests: submit, lease, complete, retry with backoff, rescue. The row is the truth; a
/// poke only says look now.
@NullMarked
package mews.queue;

import org.jspecify.annotations.NullMarked;
