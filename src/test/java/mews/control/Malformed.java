package mews.control;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import java.util.List;
import java.util.Random;

/// Messages and texts that fit a schema and make no sense, from a seed.
final class Malformed {
    private static final List<String> TEXTS =
            List.of(
                    "",
                    " ",
                    "hello",
                    "staging",
                    "XS",
                    "../../etc/passwd",
                    "a/b//c",
                    "%00",
                    "\u0000",
                    "\uD83D\uDE00",
                    "0",
                    "-1",
                    "1e999",
                    "null",
                    "{}",
                    "[[",
                    "' or 1=1 --",
                    "2026-13-45T99:00:00Z",
                    "01900000-0000-7000-8000-000000000000",
                    "x".repeat(700));
    private static final double[] NUMBERS = {
        0, 1, -1, 0.5, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Double.NaN, 1e308
    };
    private static final int DEPTH = 6;

    private final Random random;

    Malformed(long seed) {
        random = new Random(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    String text() {
        return TEXTS.get(below(TEXTS.size()));
    }

    double number() {
        return NUMBERS[below(NUMBERS.length)];
    }

    byte[] bytes() {
        byte[] bytes = new byte[below(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    /// Some fields set, some not, some that nobody knows.
    DynamicMessage message(Descriptor type) {
        return message(type, 0);
    }

    /// Text that is JSON, more or less.
    String json(int depth) {
        return switch (below(depth > 3 ? 5 : 8)) {
            case 0 -> "null";
            case 1 -> String.valueOf(number()).replace("NaN", "1e400");
            case 2 -> "\"" + text().replaceAll("[\"\\\\\\p{Cntrl}]", "") + "\"";
            case 3 -> "true";
            case 4 -> text();
            case 5 -> "[%s,%s]".formatted(json(depth + 1), json(depth + 1));
            default ->
                    "{\"%s\":%s,\"%s\":%s}"
                            .formatted(key(), json(depth + 1), key(), json(depth + 1));
        };
    }

    private String key() {
        List<String> keys =
                List.of(
                        "name",
                        "file_name",
                        "content_type",
                        "parts",
                        "hash",
                        "hashes",
                        "url",
                        "destination",
                        "allowed_apps",
                        "duration",
                        "part_number",
                        "etag",
                        "role",
                        "nickname",
                        "expiration_seconds",
                        "seconds");
        return keys.get(below(keys.size()));
    }

    private DynamicMessage message(Descriptor type, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            if (below(10) < 4
                    || (depth > DEPTH && field.getType() == FieldDescriptor.Type.MESSAGE)) {
                continue;
            }
            if (field.isRepeated()) {
                for (int count = below(4); count > 0; count--) {
                    message.addRepeatedField(field, value(field, depth));
                }
            } else {
                message.setField(field, value(field, depth));
            }
        }
        if (below(3) == 0) {
            message.setUnknownFields(stranger());
        }
        return message.build();
    }

    private Object value(FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text();
            case BYTE_STRING -> ByteString.copyFrom(bytes());
            case INT -> (int) number();
            case LONG -> (long) number();
            case FLOAT -> (float) number();
            case DOUBLE -> number();
            case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(below(12) - 2);
            case MESSAGE -> message(field.getMessageType(), depth + 1);
        };
    }

    private UnknownFieldSet stranger() {
        UnknownFieldSet.Field field =
                UnknownFieldSet.Field.newBuilder()
                        .addVarint(random.nextLong())
                        .addLengthDelimited(ByteString.copyFrom(bytes()))
                        .build();
        return UnknownFieldSet.newBuilder().addField(900 + below(100), field).build();
    }
}
