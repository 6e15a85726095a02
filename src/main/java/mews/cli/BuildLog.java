package mews.cli;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.wire.proto.Log;

/// Shows what a build says. The steps of an image are steps here too, so that each shows how long
/// it takes.
final class BuildLog {
    private static final Pattern STEP =
            Pattern.compile("(?:\\[(\\d+)/(\\d+)\\] )?STEP (\\d+/\\d+): (.*)");

    /// Ids of intermediate images say nothing to a person.
    private static final Pattern NOISE = Pattern.compile("--> [0-9a-f]{11,64}|[0-9a-f]{64}");

    private static final Pattern CACHED = Pattern.compile("--> Using cache.*");

    private BuildLog() {}

    static void show(List<Log> logs, Progress progress) {
        for (Log log : logs) {
            String text = log.getMessage().stripTrailing();
            Matcher step = STEP.matcher(text);
            if (step.matches()) {
                String stage =
                        step.group(1) == null
                                ? ""
                                : "stage %s of %s, ".formatted(step.group(1), step.group(2));
                progress.step("%sstep %s: %s".formatted(stage, step.group(3), step.group(4)));
            } else if (CACHED.matcher(text).matches()) {
                progress.line("  cached");
            } else if (!NOISE.matcher(text).matches()) {
                ServerLog.show(List.of(log), progress);
            }
        }
    }
}
