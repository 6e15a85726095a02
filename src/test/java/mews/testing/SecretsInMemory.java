package mews.testing;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import mews.account.Secrets;
import org.jspecify.annotations.Nullable;

/// Secrets that every account has, for builds that need no database for them.
public final class SecretsInMemory implements Secrets {
    private final Map<String, String> values;

    /// @param values kept, so that a test may change them between builds
    public SecretsInMemory(Map<String, String> values) {
        this.values = values;
    }

    @Override
    public void set(
            String account,
            String environment,
            String name,
            String value,
            @Nullable Boolean exposed) {
        values.put(name, value);
    }

    @Override
    public boolean unset(String account, String environment, String name) {
        return values.remove(name) != null;
    }

    @Override
    public List<SecretInfo> list(String account, String environment) {
        return List.of();
    }

    @Override
    public Optional<String> find(String account, String environment, String name) {
        return Optional.ofNullable(values.get(name));
    }

    @Override
    public Map<String, String> forRunner(
            String account, String environment, @Nullable List<String> names) {
        return Map.of();
    }

    @Override
    public int sealAgain() {
        return 0;
    }
}
