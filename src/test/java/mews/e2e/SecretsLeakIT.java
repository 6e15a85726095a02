package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.sql.Database;
import mews.testing.GitRepositories;
import mews.testing.LeakWatch;
import mews.testing.MadeUp;
import mews.testing.PackageSites;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Looks for the secrets of a build wherever somebody else could: in the state folder, in the
/// database, in what was said, and in what processes show while it builds.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecretsLeakIT {
    private static final String STORED = "st0red/p@ss+w%rd!";
    private static final String LITERAL = "l1teral/p@ss:w+rd";
    private static final String SIGNATURE = "s1gn/ature+of=mine";
    private static final String FOLDER = "l1nks-t0ken-of-mine";
    private static final String TOKEN = "gh_t0ken/of+mine";

    @TempDir Path folder;

    @Test
    void nothingConfidentialIsLeftOrShown() throws Exception {
        LeakWatch watch =
                new LeakWatch(
                        folder.resolve("home"),
                        List.of(
                                STORED,
                                LITERAL,
                                SIGNATURE,
                                FOLDER,
                                TOKEN,
                                "bob:" + STORED,
                                "ann:" + LITERAL,
                                TOKEN + ":"));
        String url = TestDatabase.freshUrl();
        Map<String, String> variables = Map.of("MEWS_DATABASE_URL", url);
        List<String> said = new ArrayList<>();
        try (PackageSites sites = sites();
                Served served = new Served(folder, variables)) {
            Shell shell = served.shell;
            shell.mews("secrets", "set", "INDEX_PASSWORD=" + STORED).succeeded();
            shell.mews("secrets", "set", "LINKS_TOKEN=" + FOLDER).succeeded();
            String good = app("good", sites, encoded(SIGNATURE));
            Shell.Ran deployed =
                    watch.during(() -> shell.mews("deploy", good, "--app-name", "good"));
            said.addAll(List.of(deployed.out(), deployed.err()));
            deployed.succeeded();
            String bad = app("bad", sites, "wr0ng-s1gnature");
            Shell.Ran failed =
                    watch.during(
                            () -> shell.mews("deploy", bad, "--app-name", "bad", "--no-cache"));
            said.addAll(List.of(failed.out(), failed.err()));
            assertThat(failed.exitCode()).as("%s", failed.err()).isNotZero();
            assertThat(failed.err()).contains("403", "make a fresh URL");
            for (List<String> words :
                    List.of(List.of("apps", "list", "--json"), List.of("apps", "lock", "good"))) {
                said.add(shell.mews(words.toArray(String[]::new)).out());
            }
        }
        said.add(Files.readString(folder.resolve("serve.log")));
        said.addAll(rows(url));

        assertThat(watch.seen()).as("shown by a process while it was built").isEmpty();
        assertThat(watch.inFiles()).as("left in the state folder").isEmpty();
        for (String text : said) {
            assertThat(watch.forms()).noneMatch(text::contains);
        }
    }

    private PackageSites sites() {
        PackageSites sites = new PackageSites();
        sites.index("/stored/", "bob", STORED);
        sites.index("/literal/", "ann", LITERAL);
        sites.signed("/signed/", encoded(SIGNATURE));
        GitRepositories repositories = new GitRepositories(folder.resolve("git"));
        repositories.make("mine", MadeUp.project("mu_git", "1.0", "git"), "v1.0");
        sites.git("/git/", repositories, TOKEN, "");
        sites.links("/links/" + FOLDER + "/");
        sites.put(
                "/links/" + FOLDER + "/",
                MadeUp.wheelName("mu_linked", "1.0"),
                MadeUp.wheel("mu_linked", "1.0", MadeUp.ANYWHERE, "linked", List.of()));
        for (String name : List.of("mu_stored", "mu_literal")) {
            sites.put(
                    "/" + name.substring(3) + "/files/",
                    MadeUp.wheelName(name, "1.0"),
                    MadeUp.wheel(name, "1.0", MadeUp.ANYWHERE, name, List.of()));
        }
        sites.put(
                "/signed/", "mu_signed-1.0.tar.gz", MadeUp.sdist("mu_signed", "1.0", "signed", ""));
        return sites;
    }

    /// @return a reference to it
    private String app(String name, PackageSites sites, String signature) {
        String host = sites.host();
        String text =
                """
                import fal


                class Leaky(fal.App):
                    requirements = [
                        "mu_stored",
                        "--extra-index-url",
                        "http://bob:${INDEX_PASSWORD}@%s/stored/",
                        "mu_literal",
                        "--extra-index-url=http://ann:%s@%s/literal/",
                        "mu_linked",
                        "--find-links=http://%s/links/${LINKS_TOKEN}/",
                        "http://%s/signed/mu_signed-1.0.tar.gz?Expires=%s&Signature=%s",
                        "git+http://%s@%s/git/mine.git@v1.0",
                    ]

                    @fal.endpoint("/")
                    def answer(self) -> dict:
                        import mu_git, mu_linked, mu_literal, mu_signed, mu_stored

                        return {}
                """
                        .formatted(
                                host,
                                encoded(LITERAL),
                                host,
                                host,
                                host,
                                name,
                                signature,
                                encoded(TOKEN),
                                host);
        return Shell.write(folder.resolve("apps/" + name + ".py"), text) + "::Leaky";
    }

    private static List<String> rows(String url) {
        try (Database database = Database.open(url, 1)) {
            List<String> tables =
                    database.list(
                            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'",
                            (row, context) -> row.getString(1));
            assertThat(tables).hasSizeGreaterThan(5);
            List<String> rows = new ArrayList<>();
            for (String table : tables) {
                rows.addAll(
                        database.list(
                                "SELECT t::text FROM %s t".formatted(table),
                                (row, context) -> String.valueOf(row.getString(1))));
            }
            return rows;
        }
    }

    private static String encoded(String secret) {
        return LeakWatch.encoded(secret);
    }
}
