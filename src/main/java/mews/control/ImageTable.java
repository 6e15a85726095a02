package mews.control;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import mews.model.Refusal;

/// Reads the image of an environment definition. protocol: control 4.3
final class ImageTable {
    private static final Set<String> BUILT =
            Set.of(
                    "dockerfile_str",
                    "build_args",
                    "secrets",
                    "docker_files_list",
                    // Settings of other builders, and what the client has applied already.
                    "builder",
                    "compression",
                    "force_compression",
                    "docker_context_dir",
                    "docker_ignore");
    private static final Set<String> SHARED =
            // `read_only` is ours: no client of fal's sends it.
            Set.of("image", "registries", "entrypoint", "cmd", "use_isolate", "read_only");
    private static final Set<String> OF_NO_EFFECT =
            Set.of(
                    "builder",
                    "compression",
                    "force_compression",
                    "docker_context_dir",
                    "docker_ignore");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final int LONGEST_DOCKERFILE = 1 << 20;

    private final Map<String, Value> fields;

    private ImageTable(Struct table) {
        this.fields = new LinkedHashMap<>(table.getFieldsMap());
        this.fields.values().removeIf(Value::hasNullValue);
    }

    /// @return what matters to a build and a start; empty for an empty table
    /// @throws Refusal naming the key that cannot be meant
    static Map<String, Object> read(Struct table) {
        ImageTable image = new ImageTable(table);
        if (image.fields.isEmpty()) {
            return Map.of();
        }
        image.check();
        Struct.Builder kept = Struct.newBuilder();
        image.fields.forEach((key, value) -> {
            if (!OF_NO_EFFECT.contains(key)) {
                kept.putFields(key, value);
            }
        });
        return Structs.present(kept.build());
    }

    private void check() {
        Set<String> unknown = new TreeSet<>(fields.keySet());
        unknown.removeAll(BUILT);
        unknown.removeAll(SHARED);
        if (!unknown.isEmpty()) {
            Set<String> known = new TreeSet<>(BUILT);
            known.addAll(SHARED);
            throw invalid("has unknown keys %s; known are %s".formatted(unknown, known));
        }
        source();
        texts("build_args")
                .forEach(name -> {
                    if (!VARIABLE.matcher(name).matches()) {
                        throw invalid(
                                "has a build argument '%s', which is no name".formatted(name));
                    }
                });
        texts("secrets");
        registries();
        list("docker_files_list");
        command("entrypoint");
        command("cmd");
        flag("use_isolate");
        flag("read_only");
    }

    private void flag(String key) {
        Value value = fields.get(key);
        if (value != null && !value.hasBoolValue()) {
            throw invalid("needs true or false for '%s'".formatted(key));
        }
    }

    private void source() {
        boolean dockerfile = fields.containsKey("dockerfile_str");
        boolean reference = fields.containsKey("image");
        if (dockerfile == reference) {
            throw invalid("needs either 'dockerfile_str' or 'image'");
        }
        String key = dockerfile ? "dockerfile_str" : "image";
        String text = fields.getOrDefault(key, Value.getDefaultInstance()).getStringValue();
        if (text.isBlank()) {
            throw invalid("needs a text that is not empty for '%s'".formatted(key));
        }
        if (text.length() > LONGEST_DOCKERFILE) {
            throw invalid(
                    "has a '%s' of %,d characters; at most %,d are taken"
                            .formatted(key, text.length(), LONGEST_DOCKERFILE));
        }
        for (String built : dockerfile ? Set.<String>of() : new TreeSet<>(BUILT)) {
            Value value = fields.getOrDefault(built, Value.getDefaultInstance());
            if (value.getStructValue().getFieldsCount() > 0) {
                throw invalid("has '%s', which only a Dockerfile can use".formatted(built));
            }
        }
    }

    /// @return the names in a table of texts
    private Set<String> texts(String key) {
        Value value = fields.get(key);
        if (value == null) {
            return Set.of();
        }
        Map<String, Value> table = table(value, key);
        table.forEach((name, text) -> {
            if (!text.hasStringValue()) {
                throw invalid("needs texts in '%s', but '%s' is none".formatted(key, name));
            }
        });
        return table.keySet();
    }

    private void registries() {
        Value value = fields.get("registries");
        if (value == null) {
            return;
        }
        table(value, "registries")
                .forEach((name, login) -> {
                    Map<String, Value> both = table(login, "registries." + name);
                    for (String key : List.of("username", "password")) {
                        if (!both.getOrDefault(key, Value.getDefaultInstance()).hasStringValue()) {
                            throw invalid("has a registry '%s' without '%s'".formatted(name, key));
                        }
                    }
                    if (both.size() > 2) {
                        throw invalid(
                                "has a registry '%s' with more than username and password"
                                        .formatted(name));
                    }
                });
    }

    private void command(String key) {
        Value value = fields.get(key);
        if (value != null && !value.hasStringValue()) {
            list(key);
        }
    }

    private void list(String key) {
        Value value = fields.get(key);
        boolean sound =
                value == null
                        || (value.hasListValue()
                                && value.getListValue().getValuesList().stream()
                                        .allMatch(Value::hasStringValue));
        if (!sound) {
            throw invalid("needs a list of texts for '%s'".formatted(key));
        }
    }

    private static Map<String, Value> table(Value value, String key) {
        if (!value.hasStructValue()) {
            throw invalid("needs a table for '%s'".formatted(key));
        }
        return value.getStructValue().getFieldsMap();
    }

    private static Refusal invalid(String what) {
        return new Refusal(Refusal.Kind.INVALID, "the environment's image " + what);
    }
}
