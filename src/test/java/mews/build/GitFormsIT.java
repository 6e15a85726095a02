package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.model.Image;
import mews.model.MachineKind;
import mews.testing.GitRepositories;
import mews.testing.MadeUp;
import mews.testing.PackageSites;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Packages from a git server that wants a token.
class GitFormsIT {
    private static final String TOKEN = "gh_t0ken/of+mine";
    private static final String IN_URL = "gh_t0ken%2Fof%2Bmine";

    @TempDir private static Path root;

    private static BuildBench bench;
    private static PackageSites sites;
    private static String commit;

    @BeforeAll
    static void open() {
        bench = new BuildBench(root);
        sites = new PackageSites();
        GitRepositories repositories = new GitRepositories(root);
        Map<String, String> files = new LinkedHashMap<>(MadeUp.project("mu_git", "1.0", "top"));
        MadeUp.project("mu_below", "2.0", "below")
                .forEach((name, text) -> files.put("projects/below/" + name, text));
        commit = repositories.make("mine", files, "v1.0");
        repositories.make("yours", MadeUp.project("mu_yours", "3.0", "yours"), "v3.0");
        sites.git("/git/", repositories, TOKEN, "");
        sites.git("/other/", repositories, "oauth2", "0ther-token");
    }

    @AfterAll
    static void close() {
        sites.close();
        bench.close();
    }

    @ParameterizedTest
    @CsvSource({
        "git+http://TOKEN@HOST/git/mine.git, mu_git, 1.0 top",
        "git+http://TOKEN@HOST/git/mine.git@v1.0, mu_git, 1.0 top",
        "git+http://TOKEN@HOST/git/mine.git@COMMIT, mu_git, 1.0 top",
        "git+http://TOKEN@HOST/git/mine.git@main#egg=mu_git, mu_git, 1.0 top",
        "mu_git @ git+http://TOKEN:@HOST/git/mine.git@v1.0, mu_git, 1.0 top",
        "mu_below@git+http://TOKEN@HOST/git/mine.git#subdirectory=projects/below, mu_below, 2.0 below",
        "git+http://TOKEN@HOST/git/mine.git@v1.0#egg=mu_below&subdirectory=projects/below, mu_below, 2.0 below",
        "git+http://${GIT_TOKEN}@HOST/git/mine.git@v1.0, mu_git, 1.0 top",
        "git+http://oauth2:0ther-token@HOST/other/mine.git@v1.0, mu_git, 1.0 top",
    })
    void aPackageFromGit(String written, String name, String told) {
        bench.secrets.put("GIT_TOKEN", TOKEN);

        Image image = bench.build(true, MachineKind.CPU, List.of(List.of(text(written))));

        assertThat(bench.told(image, name)).isEqualTo(told);
        assertThat(bench.said()).doesNotContain(TOKEN, IN_URL, "0ther-token");
    }

    @Test
    void twoTokensOnOneServer() {
        Image image =
                bench.build(
                        List.of(
                                text("git+http://TOKEN@HOST/git/mine.git@v1.0"),
                                text("git+http://oauth2:0ther-token@HOST/other/yours.git@v3.0")));

        assertThat(bench.told(image, "mu_git")).isEqualTo("1.0 top");
        assertThat(bench.told(image, "mu_yours")).isEqualTo("3.0 yours");
    }

    @Test
    void aRotatedTokenBuildsNothing() {
        Image first = bench.build(List.of(text("git+http://TOKEN@HOST/git/yours.git@v3.0")));
        sites.asked().clear();

        Image second = bench.build(List.of(text("git+http://newtoken@HOST/git/yours.git@v3.0")));

        assertThat(second).isEqualTo(first);
        assertThat(sites.asked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "git+http://wr0ngtoken@HOST/git/mine.git@main, token",
        "git+http://TOKEN@HOST/git/mine.git@v9, v9",
        "git+http://TOKEN@HOST/git/nosuch.git, nosuch.git",
        "git+http://TOKEN@HOST/git/mine.git#subdirectory=nowhere, nowhere",
    })
    void whatGoesWrongIsNamed(String written, String cause) {
        String refused = bench.refusal(List.of(text(written)));

        assertThat(refused)
                .contains(cause, sites.host(), "/git/")
                .doesNotContain("wr0ngtoken", TOKEN, IN_URL);
    }

    private static String text(String written) {
        return written.replace("TOKEN", written.contains("${") ? "TOKEN" : IN_URL)
                .replace("HOST", sites.host())
                .replace("COMMIT", commit);
    }
}
