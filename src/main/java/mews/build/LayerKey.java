package mews.build;

import java.util.Optional;
import java.util.function.UnaryOperator;
import mews.base.Hashes;
import mews.host.Interpreter;
import mews.model.MachineKind;

/// The content is the key: what is asked for, and what it came to, is hashed in a fixed order, and
/// nothing secret goes in.
public final class LayerKey {
    /// Grows when the same requirements would be installed differently.
    private static final String RULES = "mews-layer-2";

    private LayerKey() {}

    /// Key of an install step.
    ///
    /// @param account layers are shared by the apps of one account only: what one account's build
    ///   code wrote must never run for another
    /// @param parent key of the layer below, empty for the first
    static String of(
            String account,
            String parent,
            Interpreter interpreter,
            MachineKind machine,
            RequirementLayer layer,
            Uploaded uploaded) {
        RequirementLayer plain = plain(layer, uploaded);
        String content =
                String.join(
                        "\n",
                        RULES,
                        account,
                        parent,
                        interpreter.platform(),
                        interpreter.minor(),
                        machine.name(),
                        plain.text());
        return Hashes.sha256Hex(content).substring(0, 40);
    }

    /// Key of what an install step was resolved to: another resolution of the same step is another
    /// layer, so that whoever has the old one keeps it.
    ///
    /// @param wanted key of the step
    static String of(String wanted, Lock lock) {
        return Hashes.sha256Hex(String.join("\n", RULES, wanted, lock.identity())).substring(0, 40);
    }

    /// The layer without credentials, and with contents in place of the URLs of uploads.
    public static RequirementLayer plain(RequirementLayer layer, Uploaded uploaded) {
        return layer.map(normal(uploaded));
    }

    private static UnaryOperator<String> normal(Uploaded uploaded) {
        return entry -> {
            Optional<UploadedLinks> links = UploadedLinks.of(entry, uploaded);
            if (links.isPresent()) {
                return links.get().identity();
            }
            int at = entry.indexOf(" @ ");
            String url = at < 0 ? entry : entry.substring(at + 3);
            Optional<Uploaded.File> file = uploaded.find(url);
            if (file.isPresent()) {
                String name = at < 0 ? file.get().name() : entry.substring(0, at);
                return name + " @ sha256:" + file.get().contentHash();
            }
            return UrlMask.forKey(entry);
        };
    }
}
