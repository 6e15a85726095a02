package mews.account;

import java.time.Instant;
import java.util.List;
import mews.model.Caller;
import mews.model.KeyScope;
import org.jspecify.annotations.Nullable;

/// API keys: `id:secret`, the secret stored as its hash. Thread-safe; `authenticate` reads memory
/// only.
public interface Keys {
    /// @param secret shown once, never stored
    record NewKey(String id, String secret) {
        /// As clients send it.
        public String text() {
            return id + ":" + secret;
        }
    }

    record KeyInfo(String id, KeyScope scope, String description, Instant createdAt) {}

    /// What a key is to be.
    ///
    /// @param user whose it is; equals `account` for a personal account
    /// @param expires null: never
    record Wish(
            String account,
            String user,
            KeyScope scope,
            String description,
            @Nullable Instant expires) {}

    NewKey create(Wish wish);

    /// A key of the account's own user that does not end.
    default NewKey create(String account, KeyScope scope, String description) {
        return create(new Wish(account, account, scope, description, null));
    }

    /// Keys of people; those of runners are not listed.
    List<KeyInfo> list(String account);

    /// @return false if the account has no such key
    boolean revoke(String account, String id);

    /// Ends all keys of one user of an account.
    void revokeAll(String account, String user);

    /// @return who it is, or null for an unknown id or a wrong secret
    @Nullable Caller authenticate(String id, String secret);

    /// The same for a caller from outside.
    ///
    /// @param from the machine it came from
    /// @throws mews.model.Refusal after too many wrong secrets for this key from there
    default @Nullable Caller authenticate(String id, String secret, String from) {
        return authenticate(id, secret);
    }

    /// A key of scope API for one runner, revoked with it. Lives in memory of the server that runs
    /// the runner.
    NewKey issueToRunner(String account);

    void revokeRunnerKey(String id);
}
