package mews.control;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.vertx.core.Vertx;
import java.util.Objects;
import mews.model.Caller;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Lets calls with an ADMIN key in. protocol: control 1.3, 1.4
final class Gate implements ServerInterceptor {
    private static final Metadata.Key<String> KEY = ascii("auth-key");
    private static final Metadata.Key<String> KEY_ID = ascii("auth-key-id");
    private static final Metadata.Key<String> AUTHORIZATION = ascii("authorization");

    private static final Metadata.Key<String> USER_ID = ascii("fal-user-id");

    private final Credentials credentials;

    Gate(Credentials credentials) {
        this.credentials = credentials;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Caller caller;
        try {
            caller = caller(headers);
        } catch (Refusal refusal) {
            // Later on the same loop: the bridge cannot be closed from within the start of a call.
            Objects.requireNonNull(Vertx.currentContext())
                    .runOnContext(ignored -> call.close(Errors.status(refusal), new Metadata()));
            return new ServerCall.Listener<>() {};
        }
        return Contexts.interceptCall(
                Context.current().withValue(Calls.CALLER, caller),
                EarlyHeaders.on(call),
                headers,
                next);
    }

    private Caller caller(Metadata headers) {
        Credentials.Sent sent =
                new Credentials.Sent(
                        headers.get(AUTHORIZATION), headers.get(USER_ID), Calls.FROM.get());
        @Nullable String id = headers.get(KEY_ID);
        @Nullable String secret = headers.get(KEY);
        return id != null && secret != null
                ? credentials.admin(id, secret, sent)
                : credentials.admin(sent);
    }

    private static Metadata.Key<String> ascii(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    /// Sends headers of streams at once: after them no client repeats a call that has begun work.
    private static final class EarlyHeaders<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private EarlyHeaders(ServerCall<Q, R> call) {
            super(call);
        }

        static <Q, R> ServerCall<Q, R> on(ServerCall<Q, R> call) {
            if (call.getMethodDescriptor().getType().serverSendsOneMessage()) {
                return call;
            }
            call.sendHeaders(new Metadata());
            return new EarlyHeaders<>(call);
        }

        @Override
        public void sendHeaders(Metadata headers) {}
    }
}
