package mews.scale;

import java.time.Instant;
import mews.model.Alias;
import org.jspecify.annotations.Nullable;

/// What one app has and asks for at one moment, to be explained.
///
/// @param load counts runners of the revision that serves
/// @param upcoming runners of the revision that is to take over
/// @param old runners that others are replacing
/// @param leaving runners that take nothing new
/// @param holdup null if nothing keeps runners from being started
public record Standing(
        Alias alias,
        Load load,
        int upcoming,
        int old,
        int leaving,
        @Nullable Holdup holdup,
        Instant at) {}
