package mews.account;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Accounts and their named environments. Thread-safe.
public interface Accounts {
    /// @param id the part after the bar of `local|<id>`
    record Account(String id, String nickname, String fullName, boolean personal) {
        /// As shown on the wire.
        public String userId() {
            return "local|" + id;
        }
    }

    record Environment(String name, String description, boolean isDefault, Instant createdAt) {}

    /// Does not block for accounts that this server has made or found at its start.
    Optional<Account> find(String nickname);

    /// @param userId as `Account.userId()`; does not block
    Optional<Account> findByUserId(String userId);

    /// By nickname.
    List<Account> list();

    /// @throws mews.model.Refusal if the nickname is malformed, reserved or taken
    Account create(String nickname, String fullName, boolean personal);

    /// `main` first.
    List<Environment> environments(String account);

    /// @throws mews.model.Refusal if it exists or is malformed
    Environment createEnvironment(String account, String name, String description);

    /// Its secrets go with it. Apps are the business of whoever asks.
    ///
    /// @throws mews.model.Refusal if it is unknown or is `main`
    void deleteEnvironment(String account, String name);
}
