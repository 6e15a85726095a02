package mews.build;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import mews.model.AppFile;
import mews.model.EnvironmentSpec;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.MachineKind;
import org.jspecify.annotations.Nullable;

/// Turns an environment into an image on this machine. The same key asked for twice at once is
/// built once, and both see the log. Thread-safe; blocks for as long as the build takes.
public interface EnvironmentBuilder {
    /// @param account whose secrets and caches are used
    /// @param environment named environment the secrets come from
    /// @param app named in errors; null before an app has a name
    /// @param files build context of a container
    /// @param force build again although it is there
    record Order(
            String account,
            String environment,
            @Nullable String app,
            EnvironmentSpec spec,
            MachineKind machine,
            List<AppFile> files,
            boolean force) {
        /// Something said of this build, for whoever ordered it.
        public LogLine line(Instant at, LogLine.Level level, String message) {
            return new LogLine(
                    at, level, LogLine.Source.BUILDER, account, null, null, null, null, message);
        }
    }

    /// @param lines gets every line of the build as it is said, masked
    /// @throws mews.model.Refusal with the builder's own explanation if it cannot be built
    /// @throws InterruptedException if the waiting thread was interrupted; the build stops if
    ///   nobody else waits
    Image build(Order order, Consumer<LogLine> lines) throws InterruptedException;

    /// @return the image if it is complete and on disk, without building
    @Nullable Image find(Order order);

    /// Whether every part of an image is on disk and usable. Asked before each start of a runner:
    /// counts as use.
    boolean ready(Image image);

    /// Makes what is missing of an image that was built before, exactly as it was.
    ///
    /// @param order whose definition the image was built from
    /// @throws mews.model.Refusal if that cannot be done any more, naming what vanished or changed
    void restore(Order order, Image image, Consumer<LogLine> lines) throws InterruptedException;

    /// What was resolved when the image was built.
    ///
    /// @throws mews.model.Refusal if that was not kept
    LockedEnvironment lock(Order order, Image image);
}
