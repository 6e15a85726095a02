package mews.build.image;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells what BuildKit says in the words that buildah has for it, so that people read the same
/// whatever built, and failures are found alike: `STEP 2/3: RUN …`, then what the step says itself.
final class BuildKitLines implements Consumer<String> {
    private static final Pattern LINE = Pattern.compile("#(\\d+) (.*)");
    private static final Pattern HEADER =
            Pattern.compile("\\[(?:(\\S+) )?(\\d+)/(\\d+)] (FROM|RUN|COPY|ADD|WORKDIR)\\b.*");
    private static final Pattern SPOKEN = Pattern.compile("\\d+\\.\\d+ ?(.*)");
    private static final Pattern NUMBERED = Pattern.compile("stage-(\\d+)");

    /// Instructions that BuildKit counts in `[2/4]`; an image of a registry that a stage stands on
    /// comes before them.
    private static final Set<String> COUNTED = Set.of("RUN", "COPY", "ADD", "WORKDIR");

    private final Dockerfile dockerfile;
    private final Consumer<String> told;
    private final List<String> said = new ArrayList<>();
    private final Map<String, String> steps = new HashMap<>();
    private String current = "";
    private boolean failed;

    BuildKitLines(Dockerfile dockerfile, Consumer<String> told) {
        this.dockerfile = dockerfile;
        this.told = told;
    }

    /// All that was told.
    List<String> said() {
        return List.copyOf(said);
    }

    @Override
    public void accept(String text) {
        Matcher line = LINE.matcher(text);
        if (line.matches()) {
            heard(line.group(1), line.group(2));
        } else if (!failed && !text.isBlank() && !text.startsWith("---")) {
            // Before any step, or about none; after a failure it is said once more.
            boolean error = text.contains("failed to") || text.startsWith("ERROR");
            tell(error ? "Error: " + text.replaceFirst("^(ERROR|error): ", "") : text);
        }
    }

    private void heard(String vertex, String text) {
        Matcher header = HEADER.matcher(text);
        Matcher spoken = SPOKEN.matcher(text);
        if (header.matches()) {
            steps.putIfAbsent(vertex, name(header, text));
        } else if (spoken.matches()) {
            turn(vertex);
            tell(spoken.group(1));
        } else if (text.equals("CACHED") && steps.containsKey(vertex)) {
            turn(vertex);
            tell("--> cached");
        } else if (text.startsWith("DONE") && steps.containsKey(vertex)) {
            turn(vertex);
        } else if (text.startsWith("ERROR: ")) {
            turn(vertex);
            failed = true;
            String why = text.replaceFirst("^ERROR: .*(exit code: \\d+)$", "$1");
            tell(
                    "Error: building at STEP \"%s\": %s"
                            .formatted(current, why.replaceFirst("^ERROR: ", "")));
        }
    }

    /// Steps of several stages run at once.
    private void turn(String vertex) {
        @Nullable String step = steps.get(vertex);
        if (step != null && !step.equals(current)) {
            current = step;
            tell(step);
        }
    }

    private void tell(String line) {
        said.add(line);
        told.accept(line);
    }

    private String name(Matcher header, String text) {
        String what = text.replaceFirst("^\\[[^]]*] ", "");
        int stage = dockerfile.stage(stageName(header.group(1)));
        List<Dockerfile.Instruction> all = dockerfile.steps(stage);
        List<Integer> counted = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (COUNTED.contains(all.get(i).name())) {
                counted.add(i + 1);
            }
        }
        // From the end, where both count alike.
        int fromEnd = Integer.parseInt(header.group(3)) - Integer.parseInt(header.group(2));
        int at = counted.size() - 1 - fromEnd;
        int step = at < 0 || what.startsWith("FROM") ? 1 : counted.get(at);
        String where = stage == 0 ? "" : "[%d/%d] ".formatted(stage + 1, dockerfile.stages());
        return "%sSTEP %d/%d: %s".formatted(where, step, all.size(), what);
    }

    /// The only stage has no name in newer versions.
    private static String stageName(@Nullable String name) {
        if (name == null) {
            return "0";
        }
        Matcher numbered = NUMBERED.matcher(name);
        return numbered.matches() ? numbered.group(1) : name;
    }
}
