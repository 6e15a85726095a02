package mews.control;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.stream.Stream;
import mews.wire.proto.EnvironmentDefinition;
import mews.wire.proto.HostedRun;
import mews.wire.proto.MachineRequirements;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.SerializedObject;

/// Messages as the official client makes them.
final class Requests {
    private Requests() {}

    static EnvironmentDefinition environment(String... requirements) {
        return EnvironmentDefinition.newBuilder()
                .setKind("virtualenv")
                .setConfiguration(
                        Struct.newBuilder()
                                .putFields("python_version", text("3.12"))
                                .putFields("requirements", texts(requirements))
                                .putFields("resolver", text("uv")))
                .build();
    }

    static SerializedObject pickle() {
        return SerializedObject.newBuilder()
                .setMethod("cloudpickle")
                .setDefinition(ByteString.copyFromUtf8("a pickle"))
                .build();
    }

    static RegisterApplicationRequest.Builder registration(String name) {
        return RegisterApplicationRequest.newBuilder()
                .addEnvironments(environment("flask"))
                .setMachineRequirements(served())
                .setFunction(pickle())
                .setApplicationName(name);
    }

    static HostedRun.Builder run(String name) {
        return HostedRun.newBuilder()
                .addEnvironments(environment("flask"))
                .setMachineRequirements(served())
                .setFunction(pickle())
                .setApplicationName(name);
    }

    static HostedRun.Builder function(String name) {
        return run(name)
                .setMachineRequirements(MachineRequirements.newBuilder().addMachineTypes("XS"));
    }

    static MachineRequirements.Builder served() {
        return MachineRequirements.newBuilder().addMachineTypes("S").setExposedPort(8080);
    }

    static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    static Value texts(String... texts) {
        return list(Stream.of(texts).map(Requests::text).toList());
    }

    static Value list(List<Value> values) {
        return Value.newBuilder().setListValue(ListValue.newBuilder().addAllValues(values)).build();
    }
}
