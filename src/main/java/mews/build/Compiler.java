package mews.build;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.base.Resources;
import mews.host.EnvironmentLayout;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;

/// Starts the program that compiles sources to byte code, where it reaches nothing.
final class Compiler {
    /// @param folder with installed packages; what is compiled already, like what came with a wheel
    ///   from the store, is left alone
    /// @param asked names of packages that are likely to be imported first
    /// @param workers processes
    private record Work(String folder, List<String> asked, int workers) {}

    private final EnvironmentLayout layout;
    private final Sandbox sandbox;

    Compiler(EnvironmentLayout layout, Sandbox sandbox) {
        this.layout = layout;
        this.sandbox = sandbox;
    }

    /// Whether there is a processor for it beside what is waited for. Two are often one with two
    /// threads: a first import took longer with a compiler on the other than without any.
    static boolean worksBeside() {
        return Runtime.getRuntime().availableProcessors() > 2;
    }

    private static int workers() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    }

    /// It reads the sources and runs none of them. A file that is no Python of this version is left
    /// as it is.
    ///
    /// @param site what it reads and writes
    /// @param asked names of packages that are likely to be imported first
    SandboxProcess start(String minor, Path site, List<String> asked) throws IOException {
        Work work = new Work(site.toString(), asked, workers());
        List<String> command =
                List.of(
                        "nice",
                        "-n",
                        "19",
                        layout.interpreter(minor).toString(),
                        "-I",
                        "-S",
                        "-c",
                        Resources.text("build/compile.py"),
                        Json.write(work));
        List<SandboxSpec.Bind> binds = new ArrayList<>(List.of(SandboxSpec.Bind.writable(site)));
        layout.visible(minor).forEach(path -> binds.add(SandboxSpec.Bind.readOnly(path)));
        return sandbox.start(
                new SandboxSpec(
                        "compile",
                        command,
                        Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LANG", "C.UTF-8"),
                        site.toString(),
                        binds,
                        SandboxSpec.Network.NONE,
                        SandboxSpec.Limits.LEFTOVERS));
    }
}
