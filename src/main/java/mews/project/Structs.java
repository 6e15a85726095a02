package mews.project;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Plain values as protobuf's JSON-like ones.
final class Structs {
    private Structs() {}

    static Struct struct(Map<String, ?> map) {
        Struct.Builder struct = Struct.newBuilder();
        map.forEach((key, value) -> struct.putFields(key, value(value)));
        return struct.build();
    }

    static Value value(@Nullable Object value) {
        Value.Builder built = Value.newBuilder();
        return switch (value) {
            case null -> built.setNullValue(NullValue.NULL_VALUE).build();
            case String text -> built.setStringValue(text).build();
            case Boolean flag -> built.setBoolValue(flag).build();
            case Number number -> built.setNumberValue(number.doubleValue()).build();
            case Map<?, ?> map -> built.setStructValue(ofMap(map)).build();
            case Iterable<?> list -> built.setListValue(list(list)).build();
            default ->
                    throw new IllegalArgumentException(
                            "no wire form for " + value.getClass().getName());
        };
    }

    private static Struct ofMap(Map<?, ?> map) {
        Struct.Builder struct = Struct.newBuilder();
        map.forEach((key, value) -> struct.putFields(String.valueOf(key), value(value)));
        return struct.build();
    }

    private static ListValue list(Iterable<?> list) {
        ListValue.Builder values = ListValue.newBuilder();
        list.forEach(element -> values.addValues(value(element)));
        return values.build();
    }
}
