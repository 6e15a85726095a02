package mews.base;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Seals what must not be readable in the database: AES-256-GCM, a fresh nonce each time. A sealed
/// value is one version byte, 12 bytes of nonce, then ciphertext and tag.
public final class Seal {
    private static final byte VERSION = 1;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final List<SecretKeySpec> keys = new CopyOnWriteArrayList<>();
    private final SecureRandom random = new SecureRandom();

    /// @param newestFirst 32 bytes each, kept outside the database: the first seals, all open
    public Seal(byte[]... newestFirst) {
        for (byte[] key : newestFirst) {
            keys.add(spec(key));
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("a seal needs a key");
        }
    }

    /// Seals with another key from now on; what was sealed before can still be opened.
    public void rotate(byte[] newest) {
        keys.addFirst(spec(newest));
    }

    private static SecretKeySpec spec(byte[] key) {
        if (key.length != 32) {
            throw new IllegalArgumentException("a sealing key has 32 bytes, got " + key.length);
        }
        return new SecretKeySpec(key, "AES");
    }

    public byte[] seal(byte[] plain) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        byte[] sealed = new byte[1 + NONCE];
        sealed[0] = VERSION;
        System.arraycopy(nonce, 0, sealed, 1, NONCE);
        byte[] body = crypt(keys.getFirst(), Cipher.ENCRYPT_MODE, nonce, plain, 0, plain.length);
        byte[] whole = Arrays.copyOf(sealed, sealed.length + body.length);
        System.arraycopy(body, 0, whole, sealed.length, body.length);
        return whole;
    }

    /// @throws IllegalStateException if the value was changed or sealed with a key that is not here
    public byte[] open(byte[] sealed) {
        if (sealed.length < 1 + NONCE || sealed[0] != VERSION) {
            throw new IllegalStateException("not a sealed value of a known version");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 1, 1 + NONCE);
        IllegalStateException closed = null;
        for (SecretKeySpec key : keys) {
            try {
                return crypt(
                        key,
                        Cipher.DECRYPT_MODE,
                        nonce,
                        sealed,
                        1 + NONCE,
                        sealed.length - 1 - NONCE);
            } catch (IllegalStateException e) {
                closed = e;
            }
        }
        throw Objects.requireNonNull(closed);
    }

    private static byte[] crypt(
            SecretKeySpec key, int mode, byte[] nonce, byte[] from, int offset, int length) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            return cipher.doFinal(from, offset, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "a sealed value cannot be opened: wrong key file, or the value was changed", e);
        }
    }
}
