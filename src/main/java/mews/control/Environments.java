package mews.control;

import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.model.EnvironmentSpec;
import mews.model.Refusal;
import mews.wire.proto.EnvironmentDefinition;
import org.jspecify.annotations.Nullable;

/// Reads environment definitions. protocol: control 4.1, 4.2
final class Environments {
    private static final Set<String> KEYS =
            Set.of("python_version", "requirements", "resolver", "compile_bytecode", "image");
    private static final Pattern PYTHON = Pattern.compile("(\\d+\\.\\d+)(\\.\\d+)?");

    private Environments() {}

    static EnvironmentSpec spec(List<EnvironmentDefinition> definitions) {
        EnvironmentDefinition definition = only(definitions);
        Map<String, Value> fields = definition.getConfiguration().getFieldsMap();
        // A class's default kind wins over a project file's image table on the client, so the
        // image tells. protocol: control 4.1
        Map<String, Object> image = image(fields.get("image"));
        String kind = image.isEmpty() ? definition.getKind() : "container";
        if (kind.equals("conda")) {
            throw new Refusal(
                    Refusal.Kind.UNSUPPORTED,
                    """
                    environment kind 'conda' is not offered here: list the packages under \
                    'requirements' of a 'virtualenv', or, where they need conda, build a \
                    'container' whose Dockerfile installs them\
                    """);
        }
        if (!Set.of("virtualenv", "container").contains(kind)) {
            throw new Refusal(
                    Refusal.Kind.UNSUPPORTED,
                    "environment kind '%s' is not offered here; use 'virtualenv' or 'container'"
                            .formatted(kind));
        }
        refuseUnknown(kind, fields.keySet());
        return new EnvironmentSpec(
                kind,
                python(text(fields.get("python_version"), "python_version")),
                requirements(fields.get("requirements")),
                resolver(text(fields.get("resolver"), "resolver")),
                image);
    }

    static EnvironmentDefinition only(List<EnvironmentDefinition> definitions) {
        if (definitions.size() != 1) {
            throw invalid(
                    "exactly one environment is needed, got %d".formatted(definitions.size()));
        }
        return definitions.getFirst();
    }

    private static void refuseUnknown(String kind, Set<String> keys) {
        Set<String> unknown = new TreeSet<>(keys);
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw invalid(
                    "%s environment has unknown keys %s; known are %s"
                            .formatted(kind, unknown, new TreeSet<>(KEYS)));
        }
    }

    private static @Nullable String text(@Nullable Value value, String key) {
        if (value == null || value.hasNullValue()) {
            return null;
        }
        if (!value.hasStringValue()) {
            throw invalid("environment key '%s' must be text".formatted(key));
        }
        return value.getStringValue();
    }

    private static String python(@Nullable String version) {
        if (version == null) {
            throw invalid("the environment names no python_version, such as '3.12'");
        }
        Matcher matcher = PYTHON.matcher(version);
        if (!matcher.matches()) {
            throw invalid("python_version '%s' is not of the form '3.12'".formatted(version));
        }
        return matcher.group(1);
    }

    private static @Nullable String resolver(@Nullable String resolver) {
        if (resolver == null || resolver.isEmpty()) {
            return null;
        }
        if (!resolver.equals("uv")) {
            throw invalid("resolver '%s' is not known; use 'uv' or none".formatted(resolver));
        }
        return resolver;
    }

    private static List<List<String>> requirements(@Nullable Value value) {
        if (value == null || value.hasNullValue()) {
            return List.of();
        }
        if (!value.hasListValue()) {
            throw invalid("requirements must be a list");
        }
        List<Value> entries = value.getListValue().getValuesList();
        if (entries.stream().allMatch(Value::hasListValue)) {
            return entries.stream()
                    .map(layer -> layer(layer.getListValue().getValuesList()))
                    .filter(layer -> !layer.isEmpty())
                    .toList();
        }
        return List.of(layer(entries));
    }

    private static List<String> layer(List<Value> entries) {
        if (!entries.stream().allMatch(Value::hasStringValue)) {
            throw invalid("requirements must be a list of texts, or a list of lists of texts");
        }
        return entries.stream().map(Value::getStringValue).toList();
    }

    private static Map<String, Object> image(@Nullable Value value) {
        if (value == null || value.hasNullValue()) {
            return Map.of();
        }
        if (!value.hasStructValue()) {
            throw invalid("environment key 'image' must be a table");
        }
        return ImageTable.read(value.getStructValue());
    }

    private static Refusal invalid(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }
}
