package mews.cli;

import com.google.protobuf.ByteString;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import mews.wire.ShellFields;
import mews.wire.proto.ShellRunnerInput;
import mews.wire.proto.ShellRunnerOutput;
import mews.wire.proto.TerminalSize;
import org.jspecify.annotations.Nullable;

/// One command in a runner, with this process's streams. protocol: control 2.8
final class ShellSession {
    private static final int LOST = 1;
    private static final long LOOK_MS = 500;

    private final Connection connection;
    private final ShellRunnerInput first;
    private final boolean interactive;
    private final boolean tty;

    ShellSession(
            Connection connection,
            String id,
            List<String> command,
            boolean interactive,
            boolean tty) {
        this.connection = connection;
        this.interactive = interactive;
        this.tty = tty;
        this.first = ShellRunnerInput.newBuilder().setRunnerId(id).addAllCommand(command).build();
    }

    /// @return the command's exit code
    int run() throws IOException {
        @Nullable Keyboard keyboard = tty ? Keyboard.takeOver() : null;
        try {
            return converse(keyboard != null);
        } finally {
            if (keyboard != null) {
                keyboard.close();
            }
        }
    }

    private int converse(boolean terminal) throws IOException {
        Output output = new Output();
        connection.controlAsync().shellRunner(output);
        // A shell wants a terminal even when it is fed from a pipe.
        boolean wanted = terminal || (tty && first.getCommandCount() == 0);
        output.send(ShellFields.withTty(first, wanted));
        if (terminal) {
            Thread.ofVirtual().start(() -> tellSize(output));
        }
        if (interactive) {
            Thread.ofPlatform().daemon().start(() -> type(System.in, output));
        } else {
            output.close();
        }
        try {
            return output.code.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Failure.INTERRUPTED;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IOException(e.getCause());
        }
    }

    private static void tellSize(Output output) {
        Keyboard.@Nullable Size told = null;
        try {
            while (!output.code.isDone()) {
                Keyboard.Size size = Keyboard.size();
                if (size != null && !size.equals(told)) {
                    told = size;
                    output.send(
                            ShellRunnerInput.newBuilder()
                                    .setTtySize(
                                            TerminalSize.newBuilder()
                                                    .setHeight(size.rows())
                                                    .setWidth(size.columns()))
                                    .build());
                }
                Thread.sleep(LOOK_MS);
            }
        } catch (IOException e) {
            // It keeps the size that it has.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void type(InputStream from, Output output) {
        byte[] buffer = new byte[8192];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                output.sendPatiently(
                        ShellRunnerInput.newBuilder()
                                .setData(ByteString.copyFrom(buffer, 0, count))
                                .build());
            }
        } catch (IOException e) {
            // As if it had ended.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        output.close();
    }

    /// What comes back is written at once; what goes there waits its turn.
    private static final class Output
            implements ClientResponseObserver<ShellRunnerInput, ShellRunnerOutput> {
        final CompletableFuture<Integer> code = new CompletableFuture<>();
        private @Nullable ClientCallStreamObserver<ShellRunnerInput> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<ShellRunnerInput> stream) {
            call = stream;
            stream.setOnReadyHandler(this::wake);
        }

        private synchronized void wake() {
            notifyAll();
        }

        synchronized void send(ShellRunnerInput message) {
            if (call != null && !code.isDone()) {
                call.onNext(message);
            }
        }

        synchronized void sendPatiently(ShellRunnerInput message) throws InterruptedException {
            while (call != null && !call.isReady() && !code.isDone()) {
                wait(LOOK_MS);
            }
            send(message);
        }

        synchronized void close() {
            if (call != null && !code.isDone()) {
                call.onCompleted();
            }
        }

        @Override
        public void onNext(ShellRunnerOutput message) {
            PrintStream to = ShellFields.onStderr(message) ? System.err : System.out;
            byte[] data = message.getData().toByteArray();
            to.write(data, 0, data.length);
            to.flush();
            if (message.hasExitCode()) {
                code.complete(message.getExitCode());
            } else if (message.getClose()) {
                code.complete(LOST);
            }
        }

        @Override
        public void onError(Throwable failure) {
            code.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            code.complete(LOST);
        }
    }
}
