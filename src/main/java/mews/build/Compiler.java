package mews.build;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mews.base.Json;
import mews.base.Resources;
import mews.host.EnvironmentLayout;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;

/// Starts the program that compiles sources to byte code, where it reaches nothing.
final class Compiler {
    /// What is compiled already, like what came with a wheel from the store, is left alone.
    ///
    /// @param trees with installed packages
    /// @param watch in which such folders appear
    /// @param known names in there that are not new
    /// @param asked names of packages that are likely to be imported first
    /// @param workers processes
    record Work(
            List<Tree> trees,
            List<Tree> watch,
            Set<String> known,
            List<String> asked,
            int workers) {
        static Work inPlace(Path site, List<String> asked) {
            Tree tree = new Tree(site.toString(), site.toString());
            return new Work(List.of(tree), List.of(), Set.of(), asked, Compiler.workers());
        }

        static Work appearing(Path in, Path into, Set<String> known, List<String> asked) {
            Tree watch = new Tree(in.toString(), into.toString());
            return new Work(List.of(), List.of(watch), known, asked, Compiler.workers());
        }
    }

    /// @param into where byte code goes, perhaps the same folder
    record Tree(String folder, String into) {}

    private final EnvironmentLayout layout;
    private final Sandbox sandbox;

    Compiler(EnvironmentLayout layout, Sandbox sandbox) {
        this.layout = layout;
        this.sandbox = sandbox;
    }

    /// Whether there is a processor for it beside what is waited for.
    static boolean worksBeside() {
        return Runtime.getRuntime().availableProcessors() > 1;
    }

    private static int workers() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    }

    /// It reads the sources and runs none of them. A file that is no Python of this version is left
    /// as it is.
    ///
    /// @param visible what it reads and writes
    SandboxProcess start(String minor, Work work, List<SandboxSpec.Bind> visible)
            throws IOException {
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
        List<SandboxSpec.Bind> binds = new ArrayList<>(visible);
        layout.visible(minor).forEach(path -> binds.add(SandboxSpec.Bind.readOnly(path)));
        return sandbox.start(
                new SandboxSpec(
                        "compile",
                        command,
                        Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LANG", "C.UTF-8"),
                        visible.getFirst().host().toString(),
                        binds,
                        SandboxSpec.Network.NONE,
                        SandboxSpec.Limits.LEFTOVERS));
    }
}
