package mews.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DockerfileTest {
    private static List<String> paths(String text) {
        return Dockerfile.sources(text).stream().map(Dockerfile.Source::path).toList();
    }

    @Test
    void findsWhatCopyAndAddName() {
        assertThat(
                        paths(
                                """
                                FROM python:3.12-slim
                                COPY requirements.txt /tmp/
                                copy --chown=app:app --chmod=755 src/ "my file.txt" /app/
                                ADD ["with space.tar", "/srv"]
                                WORKDIR /app
                                COPY a\\ b.txt /absolute.txt .
                                """))
                .containsExactly(
                        "requirements.txt",
                        "src/",
                        "my file.txt",
                        "with space.tar",
                        "a b.txt",
                        "/absolute.txt");
    }

    @Test
    void leavesOutOtherStagesUrlsAndInlineText() {
        assertThat(
                        paths(
                                """
                                FROM scratch AS one
                                COPY --chown=1 --from=builder /bin/tool /bin/tool
                                ADD --checksum=sha256:00 https://example.org/x.tgz local.tgz /x
                                ADD git@example.org:a/b.git /b
                                COPY <<EOF <<-'TWO' /etc/
                                COPY not-an-instruction /
                                EOF
                                COPY neither /
                                TWO
                                RUN <<EOF
                                COPY still-not /
                                EOF
                                ONBUILD COPY later /
                                # COPY comment /
                                COPY last /
                                """))
                .containsExactly("local.tgz", "last");
    }

    @Test
    void joinsContinuedLinesAndTellsTheFirst() {
        assertThat(
                        Dockerfile.sources(
                                """
                                # escape=`
                                FROM scratch

                                COPY one `
                                  # in between
                                  two `

                                  /x/
                                COPY c:\\three /x/
                                """))
                .containsExactly(
                        new Dockerfile.Source("one", true, 4),
                        new Dockerfile.Source("two", true, 4),
                        new Dockerfile.Source("c:\\three", true, 9));
    }

    @Test
    void findsWhatARunMounts() {
        assertThat(
                        Dockerfile.sources(
                                """
                                FROM scratch
                                RUN --mount=type=cache,target=/c --mount=type=secret,id=t \\
                                    --mount=type=bind,source=wheels,target=/w pip install /w/*
                                RUN --mount=target=/all ls /all
                                RUN --mount=from=builder,target=/b ls /b
                                """))
                .containsExactly(
                        new Dockerfile.Source("wheels", false, 2),
                        new Dockerfile.Source("", false, 4));
    }

    @Test
    void aShiftIsNoInlineText() {
        assertThat(paths("FROM scratch\nRUN echo $((1<<n))\nCOPY a /\n")).containsExactly("a");
    }
}
