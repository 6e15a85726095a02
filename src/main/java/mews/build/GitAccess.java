package mews.build;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// How git signs in where requirements carry a token: by a helper that reads a file, so that the
/// token is in no command line, no variable, no clone and no lock.
final class GitAccess {
    private static final String CREDENTIALS = "git-credentials";
    private static final String SETTINGS = "git-settings";

    /// `scheme://host` → what signs in there, by path of the repository.
    private final Map<String, Map<String, String>> hosts = new LinkedHashMap<>();

    /// Takes the credentials out of a git URL and keeps them.
    SourceUrl without(SourceUrl url) {
        if (!url.isGit() || url.user().isEmpty() || url.scheme().endsWith("ssh")) {
            return url;
        }
        String server = url.scheme().substring("git+".length()) + "://" + url.host();
        hosts.computeIfAbsent(server, unknown -> new LinkedHashMap<>())
                .put(repository(url.path()), signIn(url.user()));
        return url.withUser("");
    }

    /// @param folder that only the build's own user may read
    /// @return variables for git
    Map<String, String> write(Path folder) throws IOException {
        Path settings = folder.resolve(SETTINGS);
        Path credentials = folder.resolve(CREDENTIALS);
        StringBuilder lines = new StringBuilder("[credential]\n\thelper =\n");
        lines.append("\thelper = store --file=").append(credentials).append('\n');
        StringBuilder known = new StringBuilder();
        hosts.forEach((server, repositories) -> {
            Set<String> different = new LinkedHashSet<>(repositories.values());
            if (different.size() == 1) {
                known.append(line(server, different.iterator().next(), ""));
            } else {
                lines.append("[credential \"%s\"]\n\tuseHttpPath = true\n".formatted(server));
                repositories.forEach((path, user) -> known.append(line(server, user, path)));
            }
        });
        secret(settings, lines.toString());
        secret(credentials, known.toString());
        // Nobody is there to answer a question.
        return Map.of(
                "GIT_CONFIG_GLOBAL", settings.toString(),
                "GIT_TERMINAL_PROMPT", "0",
                "GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }

    private static String line(String server, String user, String path) {
        int mark = server.indexOf("://") + 3;
        return server.substring(0, mark) + user + "@" + server.substring(mark) + path + "\n";
    }

    private static void secret(Path file, String text) throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    /// A token alone is a name with an empty password, as git itself takes it. Encoded anew, since
    /// people write what no URL may hold.
    private static String signIn(String user) {
        int colon = user.indexOf(':');
        return colon < 0
                ? encoded(user) + ":"
                : encoded(user.substring(0, colon)) + ":" + encoded(user.substring(colon + 1));
    }

    private static String encoded(String part) {
        return URLEncoder.encode(SourceUrl.decoded(part), StandardCharsets.UTF_8)
                .replace("+", "%20");
    }

    /// Without `@ref`, which may contain slashes.
    private static String repository(String path) {
        int ref = path.indexOf('@');
        return ref < 0 ? path : path.substring(0, ref);
    }
}
