package mews.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import mews.account.Accounts;
import mews.account.Keys;
import mews.base.Home;
import mews.base.Seal;
import mews.model.KeyScope;
import mews.model.Refusal;

/// What the first start of a state folder makes: the sealing key, the local account and its admin
/// key.
final class FirstStart {
    /// Nickname of the first account.
    static final String ACCOUNT = "local";

    private static final int KEY_BYTES = 32;

    private FirstStart() {}

    /// The sealing key of this folder, made if there is none.
    ///
    /// @throws Refusal if the file is there but is no key: a new one could open nothing that was
    ///   sealed before
    static Seal seal(Home home) throws IOException {
        Path file = home.sealKey();
        if (!Files.exists(file)) {
            byte[] key = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(key);
            writePrivately(file, key);
        }
        byte[] key = Files.readAllBytes(file);
        if (key.length != KEY_BYTES) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "%s holds %d bytes and not the %d of a sealing key; restore it from a backup, since sealed values cannot be opened without it"
                            .formatted(file, key.length, KEY_BYTES));
        }
        return new Seal(key);
    }

    /// The account and its key, where the command line finds it.
    static void account(Home home, Accounts accounts, Keys keys) throws IOException {
        if (accounts.find(ACCOUNT).isEmpty()) {
            accounts.create(ACCOUNT, "Local account", true);
        }
        if (!Files.exists(home.credentials()) || !valid(home, keys)) {
            Keys.NewKey key = keys.create(ACCOUNT, KeyScope.ADMIN, "made at first start");
            writePrivately(
                    home.credentials(),
                    (key.text() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    /// After another database was set, the key in the file is none of its keys.
    private static boolean valid(Home home, Keys keys) throws IOException {
        String[] halves = Files.readString(home.credentials()).strip().split(":", 2);
        return halves.length == 2 && keys.authenticate(halves[0], halves[1]) != null;
    }

    /// Never readable by others, not even for a moment, and whole or not there at all.
    private static void writePrivately(Path file, byte[] content) throws IOException {
        Path draft =
                Files.createTempFile(
                        file.getParent(),
                        ".private",
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.write(draft, content);
        Files.move(
                draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
