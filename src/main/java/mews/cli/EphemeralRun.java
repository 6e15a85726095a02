package mews.cli;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import mews.wire.proto.HostedRun;
import mews.wire.proto.HostedRunResult;
import mews.wire.proto.HostedRunStatus;
import mews.wire.proto.ListAliasRunnersRequest;
import mews.wire.proto.SerializedObject;
import mews.wire.proto.ServiceURLs;
import org.jspecify.annotations.Nullable;

/// An app that lives as long as this command: the server ends it when the stream is cancelled.
/// protocol: control 2.5
final class EphemeralRun {
    /// What the stream says about a runner that failed is better than the answer to a call that met
    /// it, and may come after it.
    private static final Duration FOR_THE_REASON = Duration.ofSeconds(10);

    private static final Duration FOR_THE_CLEANUP = Duration.ofSeconds(15);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final Connection connection;
    private final Progress progress;
    private final Context.CancellableContext stream = Context.current().withCancellation();
    private volatile @Nullable ServiceURLs urls;

    EphemeralRun(Connection connection, Progress progress) {
        this.connection = connection;
        this.progress = progress;
    }

    /// What may happen to a run that is to answer one request.
    private sealed interface Event {
        record Answered(Rest.Answer answer) implements Event {}

        record Unanswered(IOException why) implements Event {}

        record Ended(RuntimeException why) implements Event {}

        /// The server says what became of a runner.
        record Told(String what) implements Event {}
    }

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /// Shows the addresses and the log until the app or the user ends it.
    ///
    /// @return the exit code
    int stay(HostedRun request) {
        try (Interruption _ = Interruption.then(this::endCleanly)) {
            follow(request, this::tell, what -> {});
            progress.line("the app has finished");
            return 0;
        }
    }

    /// Sends one request as soon as there is an address, prints the answer and ends the run.
    ///
    /// @param path absolute
    /// @return the exit code
    int callOnce(HostedRun request, String path, byte[] body) throws IOException {
        try (Interruption _ = Interruption.then(this::endCleanly)) {
            Thread.startVirtualThread(() ->
                    events.add(
                            untilItEnds(
                                    request,
                                    there ->
                                            Thread.startVirtualThread(() ->
                                                    events.add(
                                                            call(there.getRun() + path, body))))));
            return outcome();
        } finally {
            stream.cancel(null);
        }
    }

    private Event untilItEnds(HostedRun request, Consumer<ServiceURLs> onAddress) {
        try {
            follow(request, onAddress, what -> events.add(new Event.Told(what)));
            return new Event.Ended(
                    Failure.failed(
                            urls == null
                                    ? "the app finished without serving anything, so --input went nowhere"
                                    : "the app ended before it answered"));
        } catch (RuntimeException e) {
            return new Event.Ended(e);
        }
    }

    private Event call(String url, byte[] body) {
        try {
            progress.step("calling " + url);
            return new Event.Answered(
                    connection.rest().send("POST", url, body, Map.of("Content-Type", Rest.JSON)));
        } catch (IOException e) {
            return new Event.Unanswered(e);
        }
    }

    private int outcome() throws IOException {
        try {
            String told = null;
            while (true) {
                switch (events.take()) {
                    // Of interest only if the call fails.
                    case Event.Told(String what) -> told = what;
                    case Event.Ended(RuntimeException why) -> throw why;
                    case Event.Unanswered(IOException why) -> {
                        throwReason(told);
                        throw why;
                    }
                    case Event.Answered(Rest.Answer answer) -> {
                        try (answer) {
                            return print(answer, told);
                        }
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.INTERRUPTED, "interrupted");
        }
    }

    private int print(Rest.Answer answer, @Nullable String told)
            throws IOException, InterruptedException {
        // An error of the app itself names no type, and has no further reason. protocol: data 9
        if (answer.status() >= 500 && !answer.header("x-fal-error-type").isEmpty()) {
            throwReason(told);
        }
        progress.done();
        return new SyncCall(connection.rest(), progress).print(answer);
    }

    private void throwReason(@Nullable String told) throws InterruptedException {
        if (told != null) {
            throw new Failure(Failure.FAILED, told);
        }
        switch (events.poll(FOR_THE_REASON.toMillis(), TimeUnit.MILLISECONDS)) {
            case Event.Ended(RuntimeException why) -> throw why;
            case Event.Told(String what) -> throw new Failure(Failure.FAILED, what);
            case null, default -> {
                // Then the answer to the call is all there is.
            }
        }
    }

    /// Reads the stream to its end.
    ///
    /// @param onError gets what the server says went wrong
    private void follow(
            HostedRun request, Consumer<ServiceURLs> onAddress, Consumer<String> onError) {
        progress.step("starting " + request.getApplicationName());
        stream.run(() -> {
            boolean succeeded = false;
            Iterator<HostedRunResult> results = connection.control().run(request);
            while (results.hasNext()) {
                HostedRunResult result = results.next();
                ServerLog.show(result.getLogsList(), progress);
                ServerLog.errors(result.getLogsList()).forEach(onError);
                if (result.hasServiceUrls() && urls == null) {
                    urls = result.getServiceUrls();
                    onAddress.accept(result.getServiceUrls());
                }
                succeeded |= read(result);
            }
            if (!succeeded) {
                throw Failure.failed("the server ended the run without saying how it went");
            }
        });
    }

    /// @return whether this message says that the run succeeded
    private boolean read(HostedRunResult result) {
        SerializedObject value = result.getReturnValue();
        if (result.hasReturnValue() && value.getWasItRaised()) {
            String traceback = value.getStringizedTraceback().stripTrailing();
            progress.line(traceback);
            throw Failure.failed("the app raised %s", raised(traceback));
        }
        if (result.hasStatus()
                && result.getStatus().getState() == HostedRunStatus.State.INTERNAL_FAILURE) {
            throw Failure.failed("the server failed inside; its log says why");
        }
        return result.hasStatus() && result.getStatus().getState() == HostedRunStatus.State.SUCCESS;
    }

    /// The last line of a traceback; of the user's own exception, where the SDK wrapped it.
    static String raised(String traceback) {
        int wrapping = traceback.indexOf("\n\nThe above exception was the direct cause of");
        String own =
                wrapping > 0 && traceback.contains("UserFunctionException")
                        ? traceback.substring(0, wrapping)
                        : traceback;
        String last = own.substring(own.lastIndexOf('\n') + 1);
        return last.isEmpty() ? "an exception" : last;
    }

    private void tell(ServiceURLs there) {
        progress.done();
        progress.line("  sync    " + there.getRun());
        progress.line("  queue   " + there.getQueue());
        if (!there.getWs().isEmpty()) {
            progress.line("  ws      " + there.getWs());
        }
        progress.line("until Ctrl-C; what the app says:");
    }

    /// By a connection of its own: the command's closes when its stream is cancelled.
    private void endCleanly() {
        progress.step("stopping");
        stream.cancel(null);
        ServiceURLs there = urls;
        if (there == null) {
            return;
        }
        String run = there.getRun();
        ListAliasRunnersRequest runners =
                ListAliasRunnersRequest.newBuilder()
                        .setAlias(run.substring(run.lastIndexOf('/') + 1))
                        .setListPending(true)
                        .build();
        long deadline = System.nanoTime() + FOR_THE_CLEANUP.toNanos();
        try (Connection own = Connection.to(connection.server())) {
            while (System.nanoTime() < deadline
                    && own.control().listAliasRunners(runners).getRunnersCount() > 0) {
                Thread.sleep(LOOK_AGAIN);
            }
        } catch (StatusRuntimeException | IOException gone) {
            // Then there is nothing left to wait for.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
