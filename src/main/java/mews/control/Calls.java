package mews.control;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import mews.model.Addresses;
import mews.model.Caller;

/// Takes calls off the event loop: each runs on a virtual thread of its own, as the caller whose
/// key was checked.
final class Calls {
    static final Context.Key<Caller> CALLER = Context.key("caller");
    static final Context.Key<Hangup> HANGUP = Context.key("hangup");

    static final Context.Key<Addresses> ADDRESSES = Context.key("addresses");

    /// The machine a call came from.
    static final Context.Key<String> FROM = Context.key("from");

    /// Work with one answer; hanging up does not disturb it.
    interface One<T> {
        T of(Caller caller);
    }

    interface Many<T> {
        void of(Caller caller, Answer<T> answer) throws InterruptedException;
    }

    private Calls() {}

    static <T> void one(StreamObserver<T> observer, One<T> work) {
        many(observer, (caller, answer) -> answer.send(work.of(caller)));
    }

    static <T> void many(StreamObserver<T> observer, Many<T> work) {
        Caller caller = CALLER.get();
        Answer<T> answer = Answer.to(observer, HANGUP.get(), ADDRESSES.get());
        Thread.ofVirtual()
                .name("control-call")
                .start(() -> {
                    try {
                        work.of(caller, answer);
                        answer.complete();
                    } catch (Exception | LinkageError e) {
                        answer.fail(Errors.status(e));
                    }
                });
    }
}
