package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WheelAddressesTest {
    private static final String GOOD = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);
    private static final String SOURCE = "12".repeat(32);

    private static final Lock LOCK =
            Lock.parse(
                    """
                    zope-interface==8.0 \\
                        --hash=sha256:%s \\
                        --hash=sha256:%s
                        # from https://pypi.org/simple
                    """
                            .formatted(SOURCE, GOOD));

    private static final String KNOWN =
            """
            lock-version = "1.0"
            created-by = "uv"

            [[packages]]
            name = "zope.interface"
            version = "8.0"
            sdist = { url = "https://files.example/zope_interface-8.0.tar.gz", size = 4, hashes = { sha256 = "%s" } }
            wheels = [{ url = "https://files.example/zope_interface-8.0-py3-none-any.whl", size = 3, hashes = { sha256 = "%s" } }]
            """
                    .formatted(SOURCE, GOOD);

    @TempDir private Path folder;
    private Path orders;

    @BeforeEach
    void makeFolder() throws IOException {
        orders = Files.createDirectory(folder.resolve("orders"));
    }

    @Test
    void whatTheLockAgreesToCountsAsOfThePublicIndex() throws IOException {
        Path checked = checked(KNOWN).orElseThrow();

        assertThat(checked).hasParent(orders);
        assertThat(checked)
                .content()
                .contains("version = \"8.0\"\nindex = \"https://pypi.org/simple\"\nsdist");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sha256 = \"abab | sha256 = \"cdab",
                "version = \"8.0\" | version = \"8.0.1\"",
                "name = \"zope.interface\" | name = \"zope\"",
                "wheels = | archives =",
                "url = \"https://files | path = \"/files",
                "url = \"https://files | url = \"http://files",
                "url = \"https://files | url = \"https://user:password@files",
                "any.whl\" | any.whl?signature=1\"",
                "version = \"8.0\" | index = \"https://elsewhere.example/\"",
            })
    void whatTheLockDoesNotSayDoesNotCount(String said, String instead) throws IOException {
        assertThat(KNOWN).contains(said);
        assertThat(checked(KNOWN.replace(said, instead))).isEmpty();
    }

    @Test
    void aHashIsThereForEachAddress() throws IOException {
        String second = "wheels = [{ url = \"https://files.example/other-8.0.whl\" }, {";

        assertThat(checked(KNOWN.replace("wheels = [{", second))).isEmpty();
        assertThat(checked(KNOWN.replace(GOOD, OTHER))).isEmpty();
    }

    @Test
    void allPackagesMustBeKnownOnceAndOthersAreLeftOut() throws IOException {
        String again = KNOWN.substring(KNOWN.indexOf("[[packages]]"));
        String other = again.replace("zope.interface", "six");

        assertThat(checked(KNOWN.substring(0, KNOWN.indexOf("[[packages]]")))).isEmpty();
        assertThat(checked(KNOWN.replace("zope.interface", "six"))).isEmpty();
        assertThat(checked(KNOWN + again)).isEmpty();
        assertThat(checked(other + KNOWN).orElseThrow())
                .content()
                .contains("zope.interface")
                .doesNotContain("six");
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path real = Files.writeString(folder.resolve("real"), KNOWN);
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);

        assertThat(WheelAddresses.checked(link, LOCK, orders)).isEmpty();
        assertThat(WheelAddresses.checked(folder.resolve("none"), LOCK, orders)).isEmpty();
    }

    @Test
    void onlyPlacesWithoutSecretsAreLookedUp() {
        List<String> none = List.of();

        assertThat(Flags.of(none, none).publicAlone()).isTrue();
        assertThat(Flags.of(List.of("--find-links /opt/wheels"), none).publicAlone()).isTrue();
        for (String other :
                List.of(
                        "--extra-index-url https://user:password@there/simple",
                        "--index-url https://there/simple",
                        "--find-links https://there/",
                        "--torch-backend cpu",
                        "--no-index")) {
            assertThat(Flags.of(none, List.of(other)).publicAlone()).as(other).isFalse();
        }
    }

    private Optional<Path> checked(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("pylock.toml"), text);
        return WheelAddresses.checked(file, LOCK, orders);
    }
}
