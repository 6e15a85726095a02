package mews.account;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Secret values by account and named environment, sealed at rest, never listed with their value.
/// Thread-safe. protocol: platform 9
public interface Secrets {
    /// @param exposed whether apps that name no secrets get it; null = account default
    record SecretInfo(
            String name, String environment, Instant createdAt, @Nullable Boolean exposed) {}

    /// @param exposed null keeps what was set before, or the account default
    void set(
            String account,
            String environment,
            String name,
            String value,
            @Nullable Boolean exposed);

    /// @return false if there was none
    boolean unset(String account, String environment, String name);

    List<SecretInfo> list(String account, String environment);

    Optional<String> find(String account, String environment, String name);

    /// Seals all of them again with the newest key.
    ///
    /// @return how many
    int sealAgain();

    /// What a runner gets: exactly `names`, or all exposed ones when `names` is null.
    ///
    /// @throws mews.model.Refusal if a name in `names` has no secret
    Map<String, String> forRunner(String account, String environment, @Nullable List<String> names);
}
