package mews.build;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// One commit of a repository as a source archive, fetched in the sandbox of builds. What signs in
/// stays out of the archive, of command lines and of variables.
record GitCheckout(Installer installer, Bench bench, String minor) {
    /// The archive has one folder at its top, as source archives have. A repository goes whole, for
    /// some packages ask git for their version.
    private static final String SCRIPT =
            """
            set -e
            git clone --quiet "$1" "$2/all/source"
            cd "$2/all/source"
            if [ -n "$3" ]; then
                git checkout --quiet "$3" 2>/dev/null ||
                    { git fetch --quiet origin "$3"; git checkout --quiet FETCH_HEAD; }
            fi
            git submodule --quiet update --init --recursive
            if [ ! -d "./$4" ]; then echo "error: it has no folder $4" >&2; exit 1; fi
            cd "./$4"
            name=${PWD##*/}
            cd ..
            tar -czf "$2/source.tar.gz" "$name"
            """;

    /// @return the archive
    /// @throws Installer.Failed with what git said
    Path archive(Fetcher.Wanted wanted, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        GitAccess access = new GitAccess();
        SourceUrl url = access.without(wanted.url()).withFragment("");
        int mark = url.path().indexOf('@');
        String reference = mark < 0 ? "" : SourceUrl.decoded(url.path().substring(mark + 1));
        String plain =
                "%s://%s%s"
                        .formatted(
                                url.scheme().substring("git+".length()),
                                url.host(),
                                mark < 0 ? url.path() : url.path().substring(0, mark));
        String shown = UrlMask.forPeople(url.toString());
        if (reference.startsWith("-")) {
            throw new Installer.Failed(
                    "requirement '%s': no branch, tag or commit begins with a dash"
                            .formatted(shown));
        }
        lines.accept("fetching " + shown);
        Path place = bench.draft().resolve("git-" + wanted.into().getFileName());
        try {
            installer.git(
                    bench,
                    minor,
                    access,
                    List.of(
                            "/bin/sh",
                            "-c",
                            SCRIPT,
                            "git",
                            plain,
                            place.toString(),
                            reference,
                            wanted.below()),
                    lines);
        } catch (Installer.Failed e) {
            throw new Installer.Failed("requirement '%s': %s".formatted(shown, e.explanation()));
        }
        return place.resolve("source.tar.gz");
    }
}
