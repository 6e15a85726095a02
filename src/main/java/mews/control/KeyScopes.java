package mews.control;

import java.util.ArrayList;
import java.util.List;
import mews.model.KeyScope;
import mews.model.Refusal;
import mews.wire.proto.CreateUserKeyRequest;

/// What a new key may do, as clients old and new say it. Whatever is not understood is refused: a
/// key that may more than its maker meant is worse than none. protocol: control 2.7
final class KeyScopes {
    private static final String OFFERED =
            "a key of this server has one of two presets: FULL (scope ADMIN) or API (calls and uploads)";

    private KeyScopes() {}

    static KeyScope asked(CreateUserKeyRequest request) {
        if (!request.getUnknownFields().asMap().isEmpty()) {
            throw refused("this client limits the key in a way that this server does not know");
        }
        List<KeyScope> said = new ArrayList<>();
        if (request.hasPolicy()) {
            throw refused("keys with permissions of their own are not offered");
        }
        if (request.hasPolicyPreset()) {
            said.add(preset(request.getPolicyPreset()));
        }
        if (request.hasScope()) {
            said.add(scope(request.getScope()));
        }
        if (said.size() > 1) {
            throw refused("policy_preset and scope exclude each other");
        }
        // Older clients mean the scope whose number is 0, which does not travel.
        return said.isEmpty() ? KeyScope.ADMIN : said.getFirst();
    }

    private static KeyScope preset(String name) {
        return switch (name) {
            case "FULL" -> KeyScope.ADMIN;
            case "API" -> KeyScope.API;
            default -> throw refused("preset '%s' is not offered".formatted(name));
        };
    }

    private static KeyScope scope(CreateUserKeyRequest.Scope scope) {
        return switch (scope) {
            case ADMIN -> KeyScope.ADMIN;
            case API -> KeyScope.API;
            case UNRECOGNIZED -> throw refused("this scope is unknown");
        };
    }

    private static Refusal refused(String why) {
        return new Refusal(Refusal.Kind.INVALID, why + "; " + OFFERED);
    }
}
