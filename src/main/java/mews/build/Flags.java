package mews.build;

import java.util.ArrayList;
import java.util.List;

/// What this host's pip is configured for and a layer's own flags, put together as pip does: the
/// last `--index-url` counts, everything else adds up.
///
/// @param lines of a requirements file
/// @param arguments what uv only takes on its command line; nothing confidential
public record Flags(List<String> lines, List<String> arguments) {
    private static final String INDEX = "--index-url ";
    private static final String LINKS = "--find-links ";
    private static final String TRUSTED = "--trusted-host ";

    /// @param host lines that hold for all layers
    /// @param layer of this layer alone
    public static Flags of(List<String> host, List<String> layer) {
        List<String> lines = new ArrayList<>();
        List<String> arguments = new ArrayList<>();
        List<String> all = new ArrayList<>(host);
        all.addAll(layer);
        for (String line : all) {
            if (line.equals("--pre")) {
                arguments.addAll(List.of("--prerelease", "allow"));
            } else if (line.startsWith(TorchChoice.BACKEND)) {
                arguments.addAll(List.of(line.split(" ")));
            } else if (line.startsWith(TRUSTED)) {
                arguments.addAll(
                        List.of("--allow-insecure-host", line.substring(TRUSTED.length())));
            } else {
                if (line.startsWith(INDEX)) {
                    lines.removeIf(earlier -> earlier.startsWith(INDEX));
                }
                lines.add(line);
            }
        }
        return new Flags(List.copyOf(lines), List.copyOf(arguments));
    }

    /// Whether packages come from the public index, perhaps with others beside it.
    boolean leaveIndex() {
        return lines.stream()
                .noneMatch(line -> line.startsWith(INDEX) || line.equals("--no-index"));
    }

    /// Whether packages come from the public index and folders of this host, and nowhere else.
    boolean publicAlone() {
        return !arguments.contains(TorchChoice.BACKEND.strip())
                && lines.stream()
                        .allMatch(line ->
                                line.startsWith(LINKS + "/") || line.startsWith(LINKS + "file:"));
    }

    /// A requirements file with these flags.
    public String above(List<String> packages) {
        List<String> whole = new ArrayList<>(lines);
        whole.addAll(packages);
        return String.join("\n", whole) + "\n";
    }
}
