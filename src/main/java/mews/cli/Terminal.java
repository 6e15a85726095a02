package mews.cli;

import java.io.PrintStream;

/// Where a command speaks: results on standard output, all else on standard error.
///
/// @param live whether standard error is a terminal on which a line can be written over
record Terminal(PrintStream out, PrintStream err, boolean live) {
    /// The launcher knows best what standard error is; the JVM only tells about input and output.
    static Terminal ofProcess() {
        boolean live = Boolean.getBoolean("mews.terminal");
        return new Terminal(System.out, System.err, live);
    }

    void result(String text) {
        out.println(text);
        out.flush();
    }

    void say(String text) {
        err.println(text);
        err.flush();
    }

    /// The name under which the program was called.
    static String program() {
        return System.getProperty("mews.program", "mews");
    }
}
