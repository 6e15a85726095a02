/// Accounts, keys, secrets and named environments. Values are sealed, keys are hashed, nothing is
/// shown twice.
@NullMarked
package mews.account;

import org.jspecify.annotations.NullMarked;
