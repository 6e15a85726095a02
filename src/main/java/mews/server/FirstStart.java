package mews.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import mews.account.Accounts;
import mews.account.Keys;
import mews.base.Home;
import mews.model.KeyScope;

/// What the first start of a state folder makes: the sealing key, the local account and its admin
/// key.
final class FirstStart {
    /// Nickname of the first account.
    static final String ACCOUNT = "local";

    private FirstStart() {}

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
    static void writePrivately(Path file, byte[] content) throws IOException {
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
