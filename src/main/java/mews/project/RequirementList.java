package mews.project;

import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.List;
import mews.wire.proto.EnvironmentDefinition;

/// Requirements as an environment definition carries them: a list of strings, or of lists.
/// protocol: control 4.2
final class RequirementList {
    private static final String KEY = "requirements";

    private RequirementList() {}

    static ProjectApp.Requirements read(EnvironmentDefinition environment) {
        Value value =
                environment.getConfiguration().getFieldsOrDefault(KEY, Value.getDefaultInstance());
        List<Value> elements = value.getListValue().getValuesList();
        boolean layered = elements.stream().anyMatch(Value::hasListValue);
        List<List<String>> layers = new ArrayList<>();
        if (layered) {
            elements.forEach(layer -> layers.add(texts(layer.getListValue().getValuesList())));
        } else if (!elements.isEmpty()) {
            layers.add(texts(elements));
        }
        return new ProjectApp.Requirements(layers, layered);
    }

    static EnvironmentDefinition with(
            EnvironmentDefinition environment, ProjectApp.Requirements requirements) {
        return environment.toBuilder()
                .setConfiguration(
                        environment.getConfiguration().toBuilder()
                                .putFields(KEY, Structs.value(requirements.shape())))
                .build();
    }

    private static List<String> texts(List<Value> values) {
        return values.stream().map(Value::getStringValue).toList();
    }
}
