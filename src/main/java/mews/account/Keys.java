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

    NewKey create(String account, KeyScope scope, String description);

    /// Keys of people; those of runners are not listed.
    List<KeyInfo> list(String account);

    /// @return false if the account has no such key
    boolean revoke(String account, String id);

    /// @return who it is, or null for an unknown id or a wrong secret
    @Nullable Caller authenticate(String id, String secret);

    /// A key of scope API for one runner, revoked with it. Lives in memory of the server that runs
    /// the runner.
    NewKey issueToRunner(String account);

    void revokeRunnerKey(String id);
}
