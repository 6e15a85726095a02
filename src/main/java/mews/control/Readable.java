package mews.control;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vertx.core.Vertx;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Refuses bytes that are no message of their call. By itself the bridge throws on the event loop:
/// a call would end as the server's fault, and a stream never.
final class Readable {
    /// The highest number there is, which no schema of fal's uses.
    private static final int BROKEN = 536_870_911;

    private Readable() {}

    static ServerServiceDefinition only(ServerServiceDefinition service) {
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
        ServiceDescriptor known = service.getServiceDescriptor();
        ServiceDescriptor.Builder schema =
                ServiceDescriptor.newBuilder(known.getName())
                        .setSchemaDescriptor(known.getSchemaDescriptor());
        for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
            ServerMethodDefinition<?, ?> careful = careful(method);
            methods.add(careful);
            schema.addMethod(careful.getMethodDescriptor());
        }
        ServerServiceDefinition.Builder definition =
                ServerServiceDefinition.builder(schema.build());
        methods.forEach(definition::addMethod);
        return ServerInterceptors.intercept(definition.build(), new Refusing());
    }

    private static <Q, R> ServerMethodDefinition<Q, R> careful(
            ServerMethodDefinition<Q, R> method) {
        MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
        if (!(descriptor.getRequestMarshaller() instanceof PrototypeMarshaller<Q> plain)) {
            throw new IllegalArgumentException(
                    "%s takes no message".formatted(descriptor.getFullMethodName()));
        }
        return ServerMethodDefinition.create(
                descriptor.toBuilder(new Careful<>(plain), descriptor.getResponseMarshaller())
                        .build(),
                method.getServerCallHandler());
    }

    /// Reads what cannot be read as a message with a mark in it.
    private record Careful<Q>(PrototypeMarshaller<Q> plain) implements PrototypeMarshaller<Q> {
        @Override
        public @Nullable Q getMessagePrototype() {
            return plain.getMessagePrototype();
        }

        @Override
        public Class<Q> getMessageClass() {
            return plain.getMessageClass();
        }

        @Override
        public InputStream stream(Q value) {
            return plain.stream(value);
        }

        @Override
        public Q parse(InputStream stream) {
            try {
                return plain.parse(stream);
            } catch (StatusRuntimeException e) {
                if (plain.getMessagePrototype() instanceof Message prototype) {
                    return broken(prototype);
                }
                throw e;
            }
        }

        private Q broken(Message prototype) {
            UnknownFieldSet.Field mark = UnknownFieldSet.Field.newBuilder().addVarint(1).build();
            UnknownFieldSet fields = UnknownFieldSet.newBuilder().addField(BROKEN, mark).build();
            return getMessageClass()
                    .cast(prototype.newBuilderForType().setUnknownFields(fields).build());
        }
    }

    private static final class Refusing implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
                private boolean refused;

                @Override
                public void onMessage(Q message) {
                    if (isBroken(message) && !refused) {
                        refused = true;
                        refuse(call);
                    } else if (!refused) {
                        super.onMessage(message);
                    }
                }

                @Override
                public void onHalfClose() {
                    if (!refused) {
                        super.onHalfClose();
                    }
                }
            };
        }

        private static boolean isBroken(@Nullable Object message) {
            return message instanceof Message read && read.getUnknownFields().hasField(BROKEN);
        }

        private static void refuse(ServerCall<?, ?> call) {
            String name = call.getMethodDescriptor().getFullMethodName();
            Status status =
                    Status.INVALID_ARGUMENT.withDescription(
                            "the request cannot be read as a message of " + name);
            Objects.requireNonNull(Vertx.currentContext())
                    .runOnContext(ignored -> close(call, status));
        }

        private static void close(ServerCall<?, ?> call, Status status) {
            try {
                call.close(status, new Metadata());
            } catch (IllegalStateException closed) {
                // Another reason to refuse it was found before.
            }
        }
    }
}
