package mews.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.IntSupplier;
import mews.account.Secrets;
import mews.base.Home;
import mews.base.Seal;
import mews.model.Refusal;

/// The file of sealing keys, the newest first. Older ones stay, since revisions and requests that
/// were sealed with them never change.
final class SealingKeys implements IntSupplier {
    private static final int KEY_BYTES = 32;

    private final Home home;
    private final Seal seal;
    private final Secrets secrets;

    SealingKeys(Home home, Seal seal, Secrets secrets) {
        this.home = home;
        this.seal = seal;
        this.secrets = secrets;
    }

    /// What the file of this folder opens; one key is made if there is none.
    ///
    /// @throws Refusal if the file is there but holds no keys: a new one could open nothing that
    ///   was sealed before
    static Seal seal(Home home) throws IOException {
        Path file = home.sealKey();
        if (!Files.exists(file)) {
            FirstStart.writePrivately(file, fresh());
        }
        byte[] all = Files.readAllBytes(file);
        if (all.length == 0 || all.length % KEY_BYTES != 0) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "%s holds %d bytes and not sealing keys of %d each; restore it from a backup, since sealed values cannot be opened without it"
                            .formatted(file, all.length, KEY_BYTES));
        }
        byte[][] keys = new byte[all.length / KEY_BYTES][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = Arrays.copyOfRange(all, i * KEY_BYTES, (i + 1) * KEY_BYTES);
        }
        return new Seal(keys);
    }

    /// A new key seals from now on, secrets of before among it. The file comes first: what is
    /// sealed must be openable after a crash.
    ///
    /// @return how many secrets were sealed again
    @Override
    public synchronized int getAsInt() {
        byte[] newest = fresh();
        try {
            byte[] before = Files.readAllBytes(home.sealKey());
            byte[] all = Arrays.copyOf(newest, KEY_BYTES + before.length);
            System.arraycopy(before, 0, all, KEY_BYTES, before.length);
            FirstStart.writePrivately(home.sealKey(), all);
        } catch (IOException e) {
            throw new UncheckedIOException("the sealing key cannot be written", e);
        }
        seal.rotate(newest);
        return secrets.sealAgain();
    }

    private static byte[] fresh() {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return key;
    }
}
