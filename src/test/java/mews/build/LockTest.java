package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LockTest {
    private static final String SIX =
            "six==1.16.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n";

    @Test
    void keepsHashesWithTheirPackage() {
        Lock lock = Lock.parse("# a comment\n" + SIX + "Typing_Extensions==4.0\n");
        assertThat(lock.entries()).containsOnlyKeys("six", "typing-extensions");
        assertThat(lock.entries().get("six")).isEqualTo(SIX);
        assertThat(lock.pins()).containsExactly("six==1.16.0", "Typing_Extensions==4.0");
    }

    @Test
    void installsOnlyWhatTheLayersBelowDoNotHave() {
        Lock below = Lock.parse(SIX + "a==1.0\n");
        Lock resolved = Lock.parse(SIX + "a==2.0\nb==1.0\n");
        assertThat(resolved.without(below).pins()).containsExactly("a==2.0", "b==1.0");
        assertThat(resolved.over(below).pins()).containsExactly("six==1.16.0", "a==2.0", "b==1.0");
    }

    @Test
    void tellsWhereEachPackageCameFrom() {
        Lock lock =
                Lock.parse(
                        SIX
                                + "    # from https://index.test/simple\n"
                                + "tool @ https://user:t0ken@files.test/tool-1.0-py3-none-any.whl?sig=abc \\\n    --hash=sha256:cc\n"
                                + "repo @ git+https://t0ken@git.test/me/repo@0123abc\n");

        assertThat(lock.packages(2))
                .containsExactly(
                        new LockedEnvironment.Package(
                                "six",
                                "1.16.0",
                                "https://index.test/simple",
                                List.of("sha256:aa", "sha256:bb"),
                                2),
                        new LockedEnvironment.Package(
                                "tool",
                                "",
                                "https://****@files.test/tool-1.0-py3-none-any.whl?****",
                                List.of("sha256:cc"),
                                2),
                        new LockedEnvironment.Package(
                                "repo",
                                "",
                                "git+https://****@git.test/me/repo@0123abc",
                                List.of(),
                                2));
    }

    @Test
    void theSameContentIsTheSameWhateverTheTokenAndTheIndex() {
        Lock one =
                Lock.parse(
                        "tool @ https://a:b@files.test/t.whl?sig=1 \\\n    --hash=sha256:cc\n"
                                + SIX
                                + "    # from https://one.test\n");
        Lock two =
                Lock.parse(
                        SIX
                                + "    # from https://two.test\n"
                                + "tool @ https://files.test/t.whl?sig=2 \\\n    --hash=sha256:cc\n");
        Lock other = Lock.parse(SIX.replace("aa", "ab"));

        assertThat(one.identity()).isEqualTo(two.identity());
        assertThat(other.identity()).isNotEqualTo(Lock.parse(SIX).identity());
    }

    @Test
    void namesThePackageThatAnInstallerComplainsAbout() {
        Lock lock = Lock.parse("six-extra==1.0\n" + SIX);

        assertThat(lock.named("Because there is no version of six==1.16.0 and …"))
                .contains("six==1.16.0");
        assertThat(lock.named("Failed to download `six_extra`")).contains("six-extra==1.0");
        assertThat(lock.named("the network is down")).isEmpty();
    }
}
