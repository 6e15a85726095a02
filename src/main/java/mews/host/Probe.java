package mews.host;

/// One thing Mews can use, tried.
///
/// @param name such as `bubblewrap`
/// @param ok whether it worked when run
/// @param detail what was found, or the reason it did not work
/// @param remedy what to do about a no, and what is lost without it; empty when ok
public record Probe(String name, boolean ok, String detail, String remedy) {
    static Probe yes(String name, String detail) {
        return new Probe(name, true, detail, "");
    }

    static Probe no(String name, String detail, String remedy) {
        return new Probe(name, false, detail, remedy);
    }
}
