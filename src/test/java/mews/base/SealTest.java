package mews.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SealTest {
    private static final byte[] TEXT = "correct horse".getBytes(StandardCharsets.UTF_8);

    @Test
    void opensWhatOlderKeysSealedAndSealsWithTheNewest() {
        Seal old = new Seal(key(1));
        Seal rotated = new Seal(key(1));
        rotated.rotate(key(2));
        Seal newest = new Seal(key(2));

        assertThat(rotated.open(old.seal(TEXT))).isEqualTo(TEXT);
        assertThat(newest.open(rotated.seal(TEXT))).isEqualTo(TEXT);
        assertThat(new Seal(key(2), key(1)).open(old.seal(TEXT))).isEqualTo(TEXT);
        assertThatThrownBy(() -> old.open(rotated.seal(TEXT)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wrong key file");
    }

    @Test
    void noticesAChangedValue() {
        Seal seal = new Seal(key(1), key(2));
        byte[] sealed = seal.seal(TEXT);
        sealed[sealed.length - 1] ^= 1;

        assertThatThrownBy(() -> seal.open(sealed)).isInstanceOf(IllegalStateException.class);
        assertThat(seal.seal(TEXT)).isNotEqualTo(seal.seal(TEXT));
    }

    @Test
    void takesOnlyWholeKeys() {
        assertThatThrownBy(() -> new Seal(new byte[31])).hasMessageContaining("32 bytes, got 31");
        assertThatThrownBy(Seal::new).hasMessageContaining("needs a key");
    }

    private static byte[] key(int number) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) number);
        return key;
    }
}
