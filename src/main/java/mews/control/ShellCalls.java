package mews.control;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mews.fleet.Fleet;
import mews.fleet.RunnerShell;
import mews.fleet.RunnerShell.Said;
import mews.fleet.RunnerShell.Size;
import mews.model.Caller;
import mews.model.Refusal;
import mews.wire.ShellFields;
import mews.wire.proto.ShellRunnerInput;
import mews.wire.proto.ShellRunnerOutput;
import org.jspecify.annotations.Nullable;

/// A command or a shell in a runner, at somebody's keyboard. protocol: control 2.8
final class ShellCalls {
    private static final Size USUAL = new Size(24, 80);

    /// Clients that do not say whether they want a terminal tell its size at once, or have none.
    private static final int WORD_OF_SIZE_MS = 1000;

    private final Fleet fleet;
    private final RunnerCalls runners;

    ShellCalls(Fleet fleet, RunnerCalls runners) {
        this.fleet = fleet;
        this.runners = runners;
    }

    /// To be called on the event loop.
    StreamObserver<ShellRunnerInput> open(StreamObserver<ShellRunnerOutput> observer) {
        Caller caller = Calls.CALLER.get();
        Answer<ShellRunnerOutput> answer =
                Answer.to(observer, Calls.HANGUP.get(), Calls.ADDRESSES.get());
        Inbox inbox = new Inbox((ServerCallStreamObserver<ShellRunnerOutput>) observer);
        Thread.ofVirtual()
                .name("control-shell")
                .start(() -> {
                    try {
                        converse(caller, inbox, answer);
                        answer.complete();
                    } catch (Exception | LinkageError e) {
                        answer.fail(Errors.status(e));
                    }
                });
        return inbox;
    }

    private void converse(Caller caller, Inbox inbox, Answer<ShellRunnerOutput> answer)
            throws InterruptedException {
        ShellRunnerInput first = answer.interruptibly(inbox::take).orElseThrow(ShellCalls::nothing);
        var runner = runners.known(caller, first.getRunnerId());
        Size size = terminal(first, inbox);
        RunnerShell.Wish wish = new RunnerShell.Wish(first.getCommandList(), size);
        try (RunnerShell shell = fleet.shell(runner.id(), wish)) {
            answer.hangup().listen(shell::close);
            Thread typist =
                    Thread.ofVirtual()
                            .name("control-typing")
                            .start(() -> type(first, inbox, shell));
            try {
                listen(shell, answer);
            } finally {
                typist.interrupt();
            }
        }
    }

    private static @Nullable Size terminal(ShellRunnerInput first, Inbox inbox)
            throws InterruptedException {
        if (first.hasTtySize()) {
            return size(first);
        }
        Optional<Boolean> wanted = ShellFields.tty(first);
        if (wanted.isPresent()) {
            return wanted.get() ? USUAL : null;
        }
        ShellRunnerInput second = inbox.peek();
        if (second != null && second.hasTtySize()) {
            return size(second);
        }
        return first.getCommandCount() == 0 ? USUAL : null;
    }

    private static void listen(RunnerShell shell, Answer<ShellRunnerOutput> answer)
            throws InterruptedException {
        while (true) {
            switch (shell.next()) {
                case Said.Output(byte[] data, boolean error) ->
                        answer.sendPatiently(ShellFields.output(data, error));
                case Said.Ended(int code) -> {
                    answer.send(ShellRunnerOutput.newBuilder().setExitCode(code).build());
                    return;
                }
                case Said.Failed(String reason) ->
                        throw new Refusal(
                                Refusal.Kind.FAILED_PRECONDITION,
                                "no command can be run in this runner: " + reason);
            }
        }
    }

    /// Ends with the input, with the command, or by interruption.
    private static void type(ShellRunnerInput first, Inbox inbox, RunnerShell shell) {
        try {
            if (!first.getData().isEmpty()) {
                shell.type(first.getData().toByteArray());
            }
            while (true) {
                Optional<ShellRunnerInput> next = inbox.take();
                if (next.isPresent() && next.get().hasTtySize()) {
                    shell.resize(size(next.get()));
                }
                if (next.isPresent() && !next.get().getData().isEmpty()) {
                    shell.type(next.get().getData().toByteArray());
                }
                if (next.isEmpty() || next.get().getClose()) {
                    shell.endInput();
                    return;
                }
            }
        } catch (IOException gone) {
            // Who listens is told.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Size size(ShellRunnerInput input) {
        return new Size(input.getTtySize().getHeight(), input.getTtySize().getWidth());
    }

    private static Refusal nothing() {
        return new Refusal(
                Refusal.Kind.INVALID, "the first message has to name a runner in runner_id");
    }

    /// What came and was not taken: one message at a time, so that a slow command slows the caller.
    private static final class Inbox implements StreamObserver<ShellRunnerInput> {
        private final BlockingQueue<Optional<ShellRunnerInput>> arrived =
                new LinkedBlockingQueue<>();
        private final ServerCallStreamObserver<ShellRunnerOutput> call;
        private final Context loop = Objects.requireNonNull(Vertx.currentContext());
        private @Nullable Optional<ShellRunnerInput> peeked;

        Inbox(ServerCallStreamObserver<ShellRunnerOutput> call) {
            this.call = call;
            call.disableAutoRequest();
            call.request(1);
        }

        /// @return empty when nothing more will come
        synchronized Optional<ShellRunnerInput> take() throws InterruptedException {
            Optional<ShellRunnerInput> before = peeked;
            if (before != null) {
                peeked = null;
                return before;
            }
            return next(arrived.take());
        }

        /// @return null if nothing came in a while
        synchronized @Nullable ShellRunnerInput peek() throws InterruptedException {
            Optional<ShellRunnerInput> second =
                    arrived.poll(WORD_OF_SIZE_MS, TimeUnit.MILLISECONDS);
            if (second != null) {
                peeked = next(second);
            }
            return second == null ? null : second.orElse(null);
        }

        private Optional<ShellRunnerInput> next(Optional<ShellRunnerInput> message) {
            if (message.isPresent()) {
                loop.runOnContext(ignored -> call.request(1));
            } else {
                // Whoever asks again gets the same answer.
                arrived.add(message);
            }
            return message;
        }

        @Override
        public void onNext(ShellRunnerInput message) {
            arrived.add(Optional.of(message));
        }

        @Override
        public void onError(Throwable failure) {
            arrived.add(Optional.empty());
        }

        @Override
        public void onCompleted() {
            arrived.add(Optional.empty());
        }
    }
}
