package mews.control;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.Map;
import java.util.Set;
import mews.model.Refusal;

/// Settings of Mews' own, which fal's messages have no field for: they travel as the object `mews`
/// in the metadata of a registration, and are not shown with it. protocol: control 6
final class OwnSettings {
    static final String KEY = "mews";
    static final String SNAPSHOT = "snapshot";
    static final String AFTER_SETUP = "after-setup";

    private OwnSettings() {}

    static Map<String, Object> without(Struct metadata) {
        return Structs.map(metadata.toBuilder().removeFields(KEY).build());
    }

    static boolean snapshot(Struct metadata) {
        Value own = metadata.getFieldsMap().get(KEY);
        if (own == null) {
            return false;
        }
        Map<String, Value> fields = own.getStructValue().getFieldsMap();
        if (!own.hasStructValue() || !Set.of(SNAPSHOT).containsAll(fields.keySet())) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "metadata.mews is for settings of this server, and '%s' is the one there is; got %s"
                            .formatted(SNAPSHOT, fields.keySet()));
        }
        Value snapshot = fields.get(SNAPSHOT);
        if (snapshot != null && !snapshot.getStringValue().equals(AFTER_SETUP)) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "snapshot must be '%s' or absent, was '%s'"
                            .formatted(AFTER_SETUP, snapshot.getStringValue()));
        }
        return snapshot != null;
    }
}
