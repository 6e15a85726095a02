package mews.control;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.NullNode;

/// Structs as plain maps and lists. All their numbers are doubles on the wire: whole ones become
/// integers again. protocol: control 2.1
final class Structs {
    /// Beyond this a double no longer tells neighbouring integers apart.
    private static final double LARGEST_EXACT = 1L << 53;

    private Structs() {}

    /// Keeps the order of keys; nulls stay, as nodes that are written as `null`.
    static Map<String, Object> map(Struct struct) {
        Map<String, Object> map = new LinkedHashMap<>();
        struct.getFieldsMap().forEach((key, value) -> map.put(key, plain(value, false)));
        return map;
    }

    /// Without entries that are null, at any depth: for tables where null means absent.
    static Map<String, Object> present(Struct struct) {
        Map<String, Object> map = new LinkedHashMap<>();
        struct.getFieldsMap()
                .forEach((key, value) -> {
                    if (!value.hasNullValue()) {
                        map.put(key, plain(value, true));
                    }
                });
        return map;
    }

    private static Object plain(Value value, boolean dropNulls) {
        return switch (value.getKindCase()) {
            case STRING_VALUE -> value.getStringValue();
            case BOOL_VALUE -> value.getBoolValue();
            case NUMBER_VALUE -> number(value.getNumberValue());
            case STRUCT_VALUE ->
                    dropNulls ? present(value.getStructValue()) : map(value.getStructValue());
            case LIST_VALUE -> list(value.getListValue().getValuesList(), dropNulls);
            case NULL_VALUE, KIND_NOT_SET -> NullNode.getInstance();
        };
    }

    private static List<Object> list(List<Value> values, boolean dropNulls) {
        List<Object> list = new ArrayList<>(values.size());
        for (Value value : values) {
            list.add(plain(value, dropNulls));
        }
        return list;
    }

    private static Number number(double value) {
        if (value != Math.rint(value) || Math.abs(value) > LARGEST_EXACT) {
            return value;
        }
        long whole = (long) value;
        if (whole == (int) whole) {
            return (int) whole;
        }
        return whole;
    }
}
