package mews.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What the creation of a user or a team asks for.
final class NewAccount {
    @Parameters(paramLabel = "NAME", description = "Owner part of the URLs of its apps.")
    private String name = "";

    @Option(names = "--full-name", description = "As shown to people.")
    private @Nullable String fullName;

    Map<String, String> body() {
        return Map.of("nickname", name, "full_name", fullName == null ? name : fullName);
    }
}
