package mews.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;

/// Runs something in a sandbox to its end.
record SandboxFixture(Sandbox sandbox, Path workdir) {
    static final Interpreter PYTHON = Interpreters.ofHost().all().getFirst();

    record Outcome(SandboxProcess.Exit exit, String out, String err) {}

    Outcome shell(Network network, Limits limits, String script) throws IOException {
        return finish(spec(network, limits, Map.of(), List.of("/bin/sh", "-c", script)));
    }

    Outcome shell(String script) throws IOException {
        return shell(Network.NONE, Limits.NONE, script);
    }

    Outcome python(Network network, Limits limits, String script) throws IOException {
        return finish(
                spec(network, limits, Map.of(), List.of(PYTHON.path().toString(), "-c", script)));
    }

    SandboxSpec spec(
            Network network, Limits limits, Map<String, String> more, List<String> command) {
        List<Bind> binds = new ArrayList<>(List.of(Bind.writable(workdir)));
        if (!PYTHON.prefix().startsWith("/usr")) {
            binds.add(Bind.readOnly(PYTHON.prefix()));
        }
        Map<String, String> environment = new java.util.HashMap<>(more);
        environment.put("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        environment.put("HOME", workdir.toString());
        return new SandboxSpec(
                "probe", command, environment, workdir.toString(), binds, network, limits);
    }

    Outcome finish(SandboxSpec spec) throws IOException {
        try (SandboxProcess process = sandbox.start(spec)) {
            var out = CompletableFuture.supplyAsync(() -> read(process.stdout()));
            var err = CompletableFuture.supplyAsync(() -> read(process.stderr()));
            return new Outcome(process.exit().join(), out.join(), err.join());
        }
    }

    private static String read(java.io.InputStream stream) {
        try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
