package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

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
}
