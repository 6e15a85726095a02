package mews.testing;

import java.util.stream.Stream;
import mews.host.Interpreters;

/// The Pythons of the machine that the tests run on.
public final class Pythons {
    /// `major.minor` of one that this machine has and that apps may use.
    public static final String MINOR =
            Stream.of("3.12", "3.11", "3.13", "3.10")
                    .filter(minor -> Interpreters.ofHost().find(minor).isPresent())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no Python 3.10 to 3.13 here"));

    private Pythons() {}
}
