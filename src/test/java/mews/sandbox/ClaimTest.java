package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimTest {
    @TempDir private Path all;
    private final List<String> swept = new ArrayList<>();

    @Test
    void whatNobodyHoldsIsSweptOnce() throws IOException {
        leave("dead", "0123abcd");

        try (Claim claim = Claim.stake(all.resolve("own"), "aaaaaaaa")) {
            claim.sweepOthers(swept::add);
            claim.sweepOthers(swept::add);
        }

        assertThat(swept).containsExactly("0123abcd");
    }

    @Test
    void whatIsHeldStays() throws IOException {
        try (Claim other = Claim.stake(all.resolve("other"), "bbbbbbbb");
                Claim claim = Claim.stake(all.resolve("own"), "aaaaaaaa")) {
            claim.sweepOthers(swept::add);
            other.sweepOthers(swept::add);
        }

        assertThat(swept).isEmpty();
    }

    @Test
    void whatWasGivenBackIsNobodysToSweep() throws IOException {
        Claim.stake(all.resolve("other"), "bbbbbbbb").close();

        try (Claim claim = Claim.stake(all.resolve("own"), "aaaaaaaa")) {
            claim.sweepOthers(swept::add);
        }

        assertThat(swept).isEmpty();
    }

    @Test
    void whatIsNoServersNameIsLeftAlone() throws IOException {
        leave("strange", "../../etc");
        Files.createDirectories(all.resolve("empty"));
        Files.createFile(all.resolve("file"));

        try (Claim claim = Claim.stake(all.resolve("own"), "aaaaaaaa")) {
            claim.sweepOthers(swept::add);
        }

        assertThat(swept).isEmpty();
    }

    private void leave(String folder, String server) throws IOException {
        Files.writeString(Files.createDirectories(all.resolve(folder)).resolve("claim"), server);
    }
}
