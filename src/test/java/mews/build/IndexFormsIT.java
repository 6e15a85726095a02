package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.util.List;
import mews.model.Image;
import mews.testing.MadeUp;
import mews.testing.PackageSites;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Packages from indexes and pages of links, in every spelling that pip takes.
class IndexFormsIT {
    private static final String PASSWORD = "p@ss/w+rd:%1!";
    private static final String IN_URL = "p%40ss%2Fw%2Brd%3A%251%21";

    @TempDir private static Path root;

    private static BuildBench bench;
    private static PackageSites sites;
    private static String main;
    private static String other;
    private static String locked;
    private static String page;

    @BeforeAll
    static void open() {
        bench = new BuildBench(root);
        sites = new PackageSites();
        sites.index("/main/");
        sites.index("/other/");
        sites.index("/locked/", "bob", PASSWORD);
        sites.links("/page/");
        main = sites.url("/main/");
        other = sites.url("/other/");
        locked = sites.url("/locked/").replace("//", "//bob:" + IN_URL + "@");
        page = sites.url("/page/");
        wheel("/main/files/", "mu_base", "1.0", "main");
        wheel("/main/files/", "mu_base", "1.5", "main");
        wheel("/main/files/", "mu_base", "2.0", "main");
        wheel("/other/files/", "mu_base", "1.7", "other");
        wheel("/other/files/", "mu_base", "3.0", "other");
        wheel("/main/files/", "mu_extra", "1.0", "main");
        wheel("/locked/files/", "mu_private", "1.0", "locked");
        wheel("/page/", "mu_linked", "1.0", "page");
        wheel("/page/", "mu_base", "2.5", "page");
        sites.put(
                "/main/files/",
                MadeUp.wheelName("mu_user", "1.0"),
                MadeUp.wheel(
                        "mu_user",
                        "1.0",
                        MadeUp.ANYWHERE,
                        "main",
                        List.of("mu_base<2", "mu_extra [more]")));
        sites.put(
                "/main/files/",
                MadeUp.wheelName("mu_elsewhere", "1.0", "cp27-cp27m-win32"),
                MadeUp.wheel("mu_elsewhere", "1.0", "cp27-cp27m-win32", "main", List.of()));
    }

    @AfterAll
    static void close() {
        sites.close();
        bench.close();
    }

    private static void wheel(String place, String name, String version, String origin) {
        sites.put(
                place,
                MadeUp.wheelName(name, version),
                MadeUp.wheel(name, version, MadeUp.ANYWHERE, origin, List.of()));
    }

    @Test
    void pinsRangesExtrasAndMarkers() {
        Image image =
                bench.build(
                        List.of(
                                "--index-url",
                                main,
                                "mu_user[more]==1.0",
                                "mu-base >=1.0, <2",
                                "mu_nowhere==9 ; python_version < '3'"));

        assertThat(bench.told(image, "mu_base")).isEqualTo("1.5 main");
        assertThat(bench.told(image, "mu_extra")).isEqualTo("1.0 main");
        assertThat(bench.told(image, "mu_user")).isEqualTo("1.0 main");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--index-url|MAIN|--extra-index-url|OTHER|mu_base",
                "mu_base|--index-url|MAIN|--extra-index-url|OTHER",
                "mu_base|--index-url MAIN|--extra-index-url OTHER",
                "--index-url=OTHER|mu_base|--extra-index-url=MAIN",
                "mu_base --index-url MAIN --extra-index-url OTHER",
                "--index-url|http://127.0.0.1:9/never|-i|MAIN|--extra-index-url|OTHER|mu_base",
                "--no-index|--find-links|PAGE|-f|OTHERFILE|mu_base",
            })
    void theBestVersionOverAllIndexesWhereverTheFlagsStand(String written) {
        String step =
                written.replace("MAIN", main)
                        .replace("PAGE", page)
                        .replace("OTHERFILE", sites.url("/other/mu-base/"))
                        .replace("OTHER", other);

        Image image = bench.build(List.of(step.split("\\|")));

        assertThat(bench.told(image, "mu_base")).isEqualTo("3.0 other");
    }

    @Test
    void bothResolversLockWhatPipWouldTake() throws InterruptedException {
        List<String> step =
                List.of("mu_user", "mu_base", "--index-url", main, "--extra-index-url", other);

        LockedEnvironment byUv = bench.locked("uv", step);

        // uv by itself stays with the first index that knows the package, and takes 1.5.
        assertThat(byUv.packages())
                .extracting(LockedEnvironment.Package::name, LockedEnvironment.Package::version)
                .contains(tuple("mu-base", "1.7"), tuple("mu-user", "1.0"));
        assertThat(bench.locked(null, step)).isEqualTo(byUv);
    }

    @Test
    void aPageOfLinks() {
        Image image = bench.build(List.of("mu_linked", "--no-index", "--find-links", page));

        assertThat(bench.told(image, "mu_linked")).isEqualTo("1.0 page");
    }

    @Test
    void aFlagServesItsLayerOnly() {
        String refused =
                bench.refusal(
                        List.of("mu_extra", "--index-url", main),
                        List.of("mu_base==2.0", "--index-url", other));

        assertThat(refused).contains("mu-base==2.0").contains("app 'demo'");
    }

    @Test
    void aPrivateIndexWithPassword() {
        Image image = bench.build(List.of("mu_private==1.0", "--index-url", locked));

        assertThat(bench.told(image, "mu_private")).isEqualTo("1.0 locked");
        assertThat(bench.said()).doesNotContain(PASSWORD).doesNotContain(IN_URL);
    }

    @Test
    void aPasswordFromTheAccountsSecrets() {
        bench.secrets.put("INDEX_PASSWORD", PASSWORD);

        Image image =
                bench.build(
                        List.of(
                                "mu_private",
                                "--index-url",
                                "http://bob:${INDEX_PASSWORD}@" + sites.host() + "/locked/"));

        assertThat(bench.told(image, "mu_private")).isEqualTo("1.0 locked");
        assertThat(bench.refusal(List.of("mu_private", "--index-url", "http://bob:${NO_SUCH}@h/")))
                .contains("${NO_SUCH}");
    }

    @Test
    void aWrongPasswordIsNamedAsTheCause() {
        String refused =
                bench.refusal(
                        List.of(
                                "mu_private>=1",
                                "--index-url",
                                locked.replace(IN_URL, "not-the-password")));

        assertThat(refused)
                .contains("mu-private", sites.host(), "401", "password")
                .doesNotContain("not-the-password");
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThat(bench.refusal(List.of("mu_missing>=1", "--index-url", main)))
                .contains("mu-missing", "not found");
    }

    @Test
    void aWheelForAnotherPlatformIsNamed() {
        assertThat(bench.refusal(List.of("mu_elsewhere", "--index-url", main)))
                .contains("mu-elsewhere", "no wheels with a matching");
    }

    @Test
    void anIndexThatStallsIsGivenUp() {
        assertThat(bench.refusal(List.of("mu_slow", "--index-url", sites.url("/stall/"))))
                .contains(sites.host(), "sent nothing", "stall_seconds");
    }
}
