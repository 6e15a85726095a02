package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import mews.base.Hashes;
import mews.model.Image;
import mews.model.MachineKind;
import mews.testing.MadeUp;
import mews.testing.PackageSites;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Wheels and source packages named by URL: open, behind a password, signed.
class UrlFormsIT {
    private static final String SIGNATURE = "sIgn4ture%2Bof%2Fmine%3D";
    private static final String WHEEL = MadeUp.wheelName("mu_wheel", "1.0");
    private static final byte[] CONTENT =
            MadeUp.wheel("mu_wheel", "1.0", MadeUp.ANYWHERE, "url", List.of());

    @TempDir private static Path root;

    private static BuildBench bench;
    private static PackageSites sites;

    @BeforeAll
    static void open() {
        bench = new BuildBench(root);
        sites = new PackageSites();
        sites.open("/open/");
        sites.signed("/signed/", SIGNATURE);
        sites.locked("/locked/", "bob", "p@ss/w+rd!");
        sites.redirecting("/moved/" + WHEEL, "/open/" + WHEEL);
        String foreign = MadeUp.wheelName("mu_wheel", "1.0", "cp27-cp27m-win32");
        for (String place : List.of("/open/", "/signed/", "/locked/")) {
            sites.put(place, WHEEL, CONTENT);
            sites.put(place, "mu_source-2.0.tar.gz", MadeUp.sdist("mu_source", "2.0", "sdist", ""));
            sites.put(
                    place,
                    foreign,
                    MadeUp.wheel("mu_wheel", "1.0", "cp27-cp27m-win32", "url", List.of()));
        }
    }

    @AfterAll
    static void close() {
        sites.close();
        bench.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/open/WHEEL, ''",
        "/moved/WHEEL, ''",
        "/open/WHEEL#sha256=HASH, ''",
        "/open/WHEEL, 'mu_wheel @ '",
        "/open/WHEEL, mu-wheel@",
        "/open/WHEEL ; python_version > '3', mu_wheel@",
        "/signed/WHEEL?Expires=1&Signature=SIGN, ''",
        "/signed/WHEEL?Expires=1&Signature=SIGN#sha256=HASH, mu_wheel@",
    })
    void aWheelByItsUrl(String path, String before) {
        String url =
                sites.url(
                        path.replace("WHEEL", WHEEL)
                                .replace("SIGN", SIGNATURE)
                                .replace("HASH", Hashes.sha256Hex(CONTENT)));

        Image image = bench.build(List.of(before + url));

        assertThat(bench.told(image, "mu_wheel")).isEqualTo("1.0 url");
        assertThat(bench.said()).doesNotContain(SIGNATURE);
    }

    @ParameterizedTest
    @CsvSource({
        "/open/mu_source-2.0.tar.gz, ''",
        "/open/mu_source-2.0.tar.gz, mu_source @ ",
        "/signed/mu_source-2.0.tar.gz?Signature=SIGN, ''",
    })
    void aSourcePackageByItsUrl(String path, String before) {
        String url = sites.url(path.replace("SIGN", SIGNATURE));

        Image image = bench.build(List.of((before == null ? "" : before) + url));

        assertThat(bench.told(image, "mu_source")).isEqualTo("2.0 sdist");
    }

    @Test
    void aWheelBehindAPassword() {
        bench.secrets.put("PASSWORD", "p@ss/w+rd!");

        Image image =
                bench.build(List.of("http://bob:${PASSWORD}@" + sites.host() + "/locked/" + WHEEL));

        assertThat(bench.told(image, "mu_wheel")).isEqualTo("1.0 url");
    }

    @Test
    void aFreshSignatureBuildsNothing() {
        String url = sites.url("/signed/" + WHEEL) + "?Expires=7&Signature=" + SIGNATURE;
        Image first = bench.build(List.of("mu_wheel @ " + url));
        sites.asked().clear();

        Image second = bench.build(List.of("mu_wheel @ " + url.replace("Expires=7", "Expires=8")));

        assertThat(second).isEqualTo(first);
        assertThat(sites.asked()).isEmpty();
        assertThat(bench.said()).contains("cached");
    }

    @Test
    void anotherHashIsAnotherContent() {
        byte[] changed = MadeUp.wheel("mu_other", "1.0", MadeUp.ANYWHERE, "changed", List.of());
        byte[] before = MadeUp.wheel("mu_other", "1.0", MadeUp.ANYWHERE, "first", List.of());
        String name = MadeUp.wheelName("mu_other", "1.0");
        String url = sites.url("/signed/" + name) + "?Signature=" + SIGNATURE + "#sha256=";
        sites.put("/signed/", name, before);
        bench.build(List.of(url + Hashes.sha256Hex(before)));
        sites.put("/signed/", name, changed);

        Image image = bench.build(List.of(url + Hashes.sha256Hex(changed)));

        assertThat(bench.told(image, "mu_other")).isEqualTo("1.0 changed");
        Image again =
                bench.build(
                        true,
                        MachineKind.CPU,
                        List.of(List.of(sites.url("/signed/" + name) + "?Signature=" + SIGNATURE)));
        assertThat(bench.told(again, "mu_other")).isEqualTo("1.0 changed");
    }

    @ParameterizedTest
    @CsvSource({
        "/signed/WHEEL?Signature=0ldSignature, 403, make a fresh URL",
        "/open/mu_gone-1.0-py3-none-any.whl, 404, mu_gone",
        "/signed/mu_gone-1.0-py3-none-any.whl?Signature=SIGN, 404, no such file",
        "/open/WHEEL#sha256=0000000000000000000000000000000000000000000000000000000000000000, 0000, sha256",
        "/signed/WHEEL?Signature=SIGN#sha256=0000000000000000000000000000000000000000000000000000000000000000, sha256, not what the requirement says",
        "/loop/WHEEL, redirect, /loop/",
        "/loop/WHEEL?Signature=SIGN, redirects in a circle, /loop/",
        "/stall/WHEEL, sent nothing, stall_seconds",
        "/stall/WHEEL?Signature=SIGN, sent nothing, stall_seconds",
        "/open/mu_wheel-1.0-cp27-cp27m-win32.whl, platform, cp27",
        "/signed/mu_wheel-1.0-cp27-cp27m-win32.whl?Signature=SIGN, platform, /signed/",
        "/open/mu_wheel-1.0.whl, is no file name of a wheel, mu_wheel-1.0.whl",
        "/signed/mu_wheel-1.0.whl?Signature=SIGN, is no file name of a wheel, py3-none-any",
    })
    void whatGoesWrongIsOneClearMessage(String path, String cause, String more) {
        String url = sites.url(path.replace("WHEEL", WHEEL).replace("SIGN", SIGNATURE));

        String refused = bench.refusal(List.of(url));

        assertThat(refused)
                .contains(cause, more, sites.host())
                .doesNotContain(SIGNATURE, "0ldSignature", root.toString());
        assertThat(bench.said()).doesNotContain(SIGNATURE, "0ldSignature");
    }

    @Test
    void aWrongPasswordIsNamed() {
        assertThat(
                        bench.refusal(
                                List.of(
                                        "http://bob:wrongpass@"
                                                + sites.host()
                                                + "/locked/"
                                                + WHEEL)))
                .contains("401", "password", sites.host())
                .doesNotContain("wrongpass");
    }

    @ParameterizedTest
    @CsvSource({"./mypackage", "file:///srv/a-1.0-py3-none-any.whl", "a @ file:///srv/a.tar.gz"})
    void placesOnTheDevelopersMachineAreRefused(String entry) {
        assertThat(bench.refusal(List.of(entry))).contains("the developer's machine");
    }

    @Test
    void anUploadThatExpiredIsToldAsThat() {
        String url = "http://127.0.0.1:9/storage/files/b/0a1b/mu_gone-1.0-py3-none-any.whl";

        assertThat(bench.refusal(List.of("mu_gone @ " + url)))
                .contains("mu_gone-1.0-py3-none-any.whl was uploaded too long ago")
                .contains("deploy again");
    }
}
