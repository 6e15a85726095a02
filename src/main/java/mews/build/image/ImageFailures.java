package mews.build.image;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.build.DiskSpace;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Why a step of a Dockerfile failed: the line it is in, and what it said itself.
final class ImageFailures {
    private static final Pattern STEP =
            Pattern.compile("^(?:\\[(\\d+)/\\d+] )?STEP (\\d+)/\\d+: .*");
    private static final Pattern WHY =
            Pattern.compile(
                    "^[Ee]rror:? (?:error )?building at STEP \"(.*)\": (.*)$", Pattern.DOTALL);
    private static final int MOST_LINES = 40;

    private ImageFailures() {}

    static Refusal of(
            @Nullable Dockerfile dockerfile, List<String> said, int code, DiskSpace space) {
        if (DiskSpace.isFull(String.join("\n", said))) {
            return space.full();
        }
        int at = lastStep(said);
        Dockerfile.@Nullable Instruction step =
                dockerfile == null || at < 0 ? null : step(dockerfile, said.get(at));
        List<String> output = at < 0 ? said : said.subList(at + 1, said.size());
        String why = why(said, code);
        String own = String.join("\n", own(output));
        String where =
                step == null
                        ? "the image cannot be built: " + why
                        : "Dockerfile line %d (%s %s) failed: %s"
                                .formatted(step.line(), step.name(), brief(step.rest()), why);
        return new Refusal(Refusal.Kind.INVALID, own.isEmpty() ? where : where + "\n" + own);
    }

    /// Of this host, as OCI names it.
    static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private static int lastStep(List<String> said) {
        for (int i = said.size() - 1; i >= 0; i--) {
            if (STEP.matcher(said.get(i)).matches()) {
                return i;
            }
        }
        return -1;
    }

    private static Dockerfile.@Nullable Instruction step(Dockerfile dockerfile, String line) {
        Matcher matcher = STEP.matcher(line);
        if (!matcher.matches()) {
            return null;
        }
        int stage = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)) - 1;
        return dockerfile.step(stage, Integer.parseInt(matcher.group(2)));
    }

    private static String why(List<String> said, int code) {
        for (String line : said.reversed()) {
            Matcher matcher = WHY.matcher(line);
            if (matcher.matches()) {
                return matcher.group(2).replaceFirst("^while running runtime: ", "");
            }
            if (line.startsWith("Error: ") || line.startsWith("error ")) {
                return line.replaceFirst("^Error: ", "");
            }
        }
        return "exit code " + code;
    }

    private static List<String> own(List<String> output) {
        List<String> own =
                output.stream()
                        .filter(line ->
                                !line.startsWith("Error: ")
                                        && !line.startsWith("error building")
                                        && !line.startsWith("subprocess exited")
                                        && !line.startsWith("-->"))
                        .toList();
        return own.subList(Math.max(0, own.size() - MOST_LINES), own.size());
    }

    private static String brief(String text) {
        return text.length() <= 120 ? text : text.substring(0, 119) + "…";
    }
}
