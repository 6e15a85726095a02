package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.model.ContainerSettings;
import mews.model.Refusal;
import mews.sandbox.ImageUser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is told of a program that an image cannot run.
class ContainerImageTest {
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final int OURS = ARM ? 0xb7 : 0x3e;
    private static final int THEIRS = ARM ? 0x3e : 0xb7;

    @TempDir private Path root;
    private ContainerImage image;

    @BeforeEach
    void make() {
        image =
                new ContainerImage(
                        root,
                        new ContainerSettings(
                                "sha256:0",
                                Map.of("PATH", "/usr/bin:/bin"),
                                List.of(),
                                List.of(),
                                "",
                                "/srv",
                                null,
                                false),
                        ImageUser.of(new mews.sandbox.ImageFiles(root), ""));
    }

    private void refused(String name, String... words) {
        assertThatThrownBy(() -> image.requireProgram("entrypoint", name))
                .isInstanceOf(Refusal.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void settingsOfEarlierVersionsAreRead() {
        String early =
                "{\"digest\":\"a\",\"environment\":{},\"entrypoint\":[],\"command\":[],\"user\":\"\",\"workdir\":\"/\",\"python\":null}";

        assertThat(Json.MAPPER.readValue(early, ContainerSettings.class).readOnly()).isFalse();
    }

    @Test
    void oneThatIsNotThere() {
        refused(
                "serve",
                "the image's entrypoint 'serve' does not exist in the image",
                "looked for on its PATH");
        refused("/srv/serve", "'/srv/serve' does not exist in the image");
        refused("./serve", "'./serve' does not exist in the image");
    }

    @Test
    void oneThatNobodyMayExecute() throws IOException {
        Path file = program("srv/serve", "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        refused("/srv/serve", "is not executable; RUN chmod +x");
    }

    @Test
    void oneForAnotherProcessor() throws IOException {
        program("usr/bin/serve", binary(THEIRS, ""));

        refused(
                "serve",
                "is made for " + (ARM ? "amd64" : "arm64"),
                "this machine is " + (ARM ? "arm64" : "amd64"));
    }

    @Test
    void oneForAnotherLibrary() throws IOException {
        program("usr/bin/serve", binary(OURS, "/lib/ld-musl.so.1"));
        refused("serve", "needs /lib/ld-musl.so.1, which is not in the image");

        program("lib/ld-musl.so.1", new byte[0]);
        assertThatCode(() -> image.requireProgram("entrypoint", "serve"))
                .doesNotThrowAnyException();
    }

    @Test
    void aScriptForWhatIsNotThere() throws IOException {
        program("srv/serve", "#!/usr/bin/ruby -w\n".getBytes(StandardCharsets.UTF_8));

        refused("./serve", "is a script for /usr/bin/ruby, which is not in the image");
    }

    @Test
    void aScriptSavedOnWindows() throws IOException {
        program("bin/sh", binary(OURS, ""));
        program("srv/serve", "#!/bin/sh\r\n".getBytes(StandardCharsets.UTF_8));

        refused("./serve", "its lines end as on Windows");
    }

    private Path program(String path, byte[] content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// The head of an ELF file. protocol: elf(5)
    ///
    /// @param loader empty: linked statically
    private static byte[] binary(int machine, String loader) {
        byte[] name = (loader + "\0").getBytes(StandardCharsets.UTF_8);
        ByteBuffer head = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        head.putShort(18, (short) machine).putLong(32, 64);
        head.putShort(54, (short) 56).putShort(56, (short) (loader.isEmpty() ? 0 : 1));
        head.putInt(64, 3).putLong(72, 128).putLong(96, name.length);
        head.put(128, name);
        return head.array();
    }
}
