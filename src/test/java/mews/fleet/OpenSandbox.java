package mews.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;

/// A host that can keep nothing apart: plain processes, which see this host's files and ports.
final class OpenSandbox implements Sandbox {
    @Override
    public SandboxProcess start(SandboxSpec spec) throws IOException {
        for (SandboxSpec.Bind bind : spec.binds()) {
            if (!bind.host().toString().equals(bind.inside())) {
                throw new IOException(bind.host() + " cannot be shown as " + bind.inside());
            }
        }
        ProcessBuilder builder = new ProcessBuilder(spec.command());
        builder.environment().clear();
        builder.environment().putAll(spec.environment());
        builder.directory(new java.io.File(spec.workdir()));
        return new OpenProcess(builder.start());
    }

    @Override
    public String isolation() {
        return "no isolation";
    }

    @Override
    public boolean separateFiles() {
        return false;
    }

    @Override
    public boolean separateNetwork() {
        return false;
    }

    private record OpenProcess(Process process) implements SandboxProcess {
        @Override
        public long memoryBytes() {
            return 0;
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public OutputStream stdin() {
            return process.getOutputStream();
        }

        @Override
        public InputStream stdout() {
            return process.getInputStream();
        }

        @Override
        public InputStream stderr() {
            return process.getErrorStream();
        }

        @Override
        public CompletableFuture<Exit> exit() {
            return process.onExit().thenApply(ended -> new Exit(ended.exitValue(), false));
        }

        @Override
        public void terminate() {
            // Not through Process, which would close the pipes as well.
            process.toHandle().destroy();
        }

        @Override
        public void kill() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.toHandle().destroyForcibly();
        }

        @Override
        public void close() {
            kill();
        }
    }
}
