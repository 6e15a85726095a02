package mews.build.image;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import mews.base.Hashes;
import mews.base.Masker;
import mews.build.EnvironmentBuilder;
import mews.build.LayerKey;
import mews.build.RequirementLayer;
import mews.build.Uploaded;
import mews.model.AppFile;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// What an order for a container comes to: everything read, checked and named, nothing done yet.
///
/// @param dockerfile null: an image that exists is used
/// @param bases images of registries that are needed
/// @param secrets of the build, by id
/// @param layers requirements to install on top
/// @param recipe hash of all that goes in, except the content of the bases; nothing secret
record ContainerPlan(
        EnvironmentBuilder.Order order,
        ImageTable table,
        @Nullable Dockerfile dockerfile,
        Set<ImageName> bases,
        RegistryLogins logins,
        Map<String, String> secrets,
        List<RequirementLayer> layers,
        String recipe) {
    /// Grows when the same definition would be built differently.
    private static final String RULES = "mews-image-1";

    /// @throws Refusal if it cannot be understood, or a secret is missing
    static ContainerPlan of(
            EnvironmentBuilder.Order order,
            String standard,
            Function<String, Optional<String>> find,
            Uploaded uploaded) {
        ImageTable table = ImageTable.of(order.spec().image(), standard);
        String text = table.dockerfile();
        @Nullable Dockerfile dockerfile = text == null ? null : Dockerfile.parse(text);
        ImageContext.check(table.copied(), order.files());
        List<RequirementLayer> layers =
                order.spec().requirements().stream()
                        .map(RequirementLayer::parse)
                        .filter(layer -> !layer.packages().isEmpty())
                        .toList();
        String reference = table.reference();
        Set<ImageName> bases = new LinkedHashSet<>();
        if (dockerfile != null) {
            bases.addAll(dockerfile.bases(table.buildArgs(), ImageFailures.architecture()));
        } else if (reference != null) {
            bases.add(ImageName.parse(reference));
        }
        RegistryLogins logins = new RegistryLogins();
        table.registries()
                .forEach((key, login) ->
                        logins.add(
                                key,
                                resolve(login.get("username"), "registry " + key, find),
                                resolve(login.get("password"), "registry " + key, find)));
        Map<String, String> secrets = new TreeMap<>();
        table.secrets()
                .forEach((id, value) ->
                        secrets.put(id, resolve(value, "build secret '%s'".formatted(id), find)));
        return new ContainerPlan(
                order,
                table,
                dockerfile,
                bases,
                logins,
                secrets,
                layers,
                recipe(order, table, layers, uploaded));
    }

    /// Hides what was filled in, in any form that a build may print it in.
    Masker masker() {
        List<String> hidden = new ArrayList<>(forms(logins.secrets()));
        hidden.addAll(forms(secrets.values()));
        return new Masker(hidden);
    }

    /// Callers with the same one are served by the same build: nobody rides on another's login.
    String sharing() {
        return Hashes.sha256Hex(recipe + logins.file() + secrets + order.force());
    }

    private static List<String> forms(Collection<String> values) {
        List<String> forms = new ArrayList<>();
        for (String value : values) {
            forms.add(URLEncoder.encode(value, StandardCharsets.UTF_8));
            forms.add(Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
            // A build speaks line by line, and a key file has many.
            value.lines().map(String::strip).forEach(forms::add);
        }
        return forms;
    }

    /// protocol: control 4.3; only a whole value names a secret
    private static String resolve(
            @Nullable String value, String where, Function<String, Optional<String>> find) {
        String text = value == null ? "" : value;
        if (!text.matches("\\$[A-Za-z_]\\w*")) {
            return text;
        }
        String name = text.substring(1);
        return find.apply(name)
                .orElseThrow(() ->
                        new Refusal(
                                Refusal.Kind.INVALID,
                                "%s uses $%s, but there is no secret of that name here; set it with `mews secrets set %s=…`"
                                        .formatted(where, name, name)));
    }

    private static String recipe(
            EnvironmentBuilder.Order order,
            ImageTable table,
            List<RequirementLayer> layers,
            Uploaded uploaded) {
        String files =
                order.files().stream()
                        .map(file -> file.relativePath() + "\0" + file.hash())
                        .sorted()
                        .collect(Collectors.joining("\n"));
        String requirements =
                layers.stream()
                        .map(layer -> LayerKey.plain(layer, uploaded).text())
                        .collect(Collectors.joining("\0"));
        return Hashes.sha256Hex(
                String.join(
                        "\n\0",
                        RULES,
                        order.account(),
                        String.valueOf(table.dockerfile()),
                        String.valueOf(table.reference()),
                        new TreeMap<>(table.buildArgs()).toString(),
                        String.valueOf(table.entrypoint()),
                        String.valueOf(table.command()),
                        String.valueOf(table.python()),
                        // Context files matter only to a Dockerfile.
                        table.dockerfile() == null ? "" : files,
                        requirements,
                        order.spec().pythonVersion(),
                        order.machine().name(),
                        // Only where it is said: images from before it could be stay what they are.
                        ImageFailures.architecture() + (table.readOnly() ? " read-only" : "")));
    }

    List<AppFile> files() {
        return order.files();
    }
}
