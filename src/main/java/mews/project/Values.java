package mews.project;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import mews.model.DataMounts;
import mews.model.MachineCatalog;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;

/// Checks what single values mean: names, choices, places.
final class Values {
    static final String AFTER_SETUP = "after-setup";

    // protocol: control 6
    static final List<String> REGIONS =
            List.of("us-west", "us-central", "us-east", "eu-north", "eu-west");

    /// Documented accelerators; a server may map others. protocol: platform 15
    private static final List<String> GPUS =
            List.of(
                    "GPU-A100",
                    "GPU-A6000",
                    "GPU-L40",
                    "GPU-H100",
                    "GPU-RTXPRO6000",
                    "GPU-H200",
                    "GPU-B200");

    private static final Pattern ALIAS = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern SECRET = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Fields fields;

    Values(Fields fields) {
        this.fields = fields;
    }

    /// @param field where the name stands; absent: it is the table's own key
    void alias(@Nullable String field, String name) {
        TomlPosition at = fields.at(field == null ? "name" : field);
        String which = field == null ? "app key '%s'" : "'name' = '%s'";
        if (!ALIAS.matcher(name).matches()) {
            fields.errorAt(
                    at,
                    "out_of_range",
                    (which
                                    + " cannot be the name of a deployed app: 1 to 63 of a-z, 0-9 and '-',"
                                    + " not beginning with '-'")
                            .formatted(name),
                    "set name = \"%s\"".formatted(slug(name)));
        } else if (name.contains("--")) {
            fields.errorAt(
                    at,
                    "out_of_range",
                    (which + " contains '--', which separates a name from its environment")
                            .formatted(name),
                    "set name = \"%s\"".formatted(slug(name)));
        }
    }

    private static String slug(String name) {
        String slug =
                name.toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-+|-+$", "");
        slug = slug.length() > 63 ? slug.substring(0, 63) : slug;
        return slug.isEmpty() ? "app" : slug;
    }

    <E extends Enum<E>> @Nullable E choice(String key, Class<E> type) {
        List<String> words =
                Arrays.stream(type.getEnumConstants())
                        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                        .toList();
        String word = fields.text(key);
        if (word == null || known(key, List.of(word), words).isEmpty()) {
            return null;
        }
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT));
    }

    /// Any case is accepted. protocol: control 6
    @Nullable String method(String key) {
        String method = fields.text(key);
        if (method == null) {
            return null;
        }
        String upper = method.toUpperCase(Locale.ROOT);
        return known(key, List.of(upper), List.of("GET", "POST")).isEmpty() ? null : upper;
    }

    /// @return those of `words` that are among `allowed`; the others are noted
    List<String> known(String key, List<String> words, List<String> allowed) {
        List<String> good = new ArrayList<>();
        for (String word : words) {
            if (allowed.contains(word)) {
                good.add(word);
                continue;
            }
            fields.error(
                    key,
                    "unknown_value",
                    "'%s' must be one of %s, was '%s'"
                            .formatted(key, String.join(", ", allowed), word),
                    Nearest.to(word, allowed)
                            .map(near -> "did you mean '" + near + "'?")
                            .orElse(null));
        }
        return good;
    }

    @Nullable List<String> regions(@Nullable List<String> regions) {
        return regions == null ? null : known("regions", regions, REGIONS);
    }

    /// A type that we do not know is a warning: the server decides what it offers.
    List<String> machineTypes(@Nullable Object types) {
        if (types == null) {
            return List.of();
        }
        List<String> list =
                types instanceof String one
                        ? List.of(one)
                        : ((List<?>) types).stream().map(String.class::cast).toList();
        if (list.isEmpty() || list.stream().anyMatch(String::isBlank)) {
            fields.error(
                    "machine_type",
                    "out_of_range",
                    "'machine_type' names no machine type",
                    "write machine_type = \"S\", or leave it out");
            return List.of();
        }
        List<String> catalogue = new ArrayList<>(MachineCatalog.standard().names());
        catalogue.addAll(GPUS);
        list.stream()
                .filter(type -> !catalogue.contains(type))
                .forEach(type -> warn(type, catalogue));
        return list;
    }

    private void warn(String type, List<String> catalogue) {
        fields.warn(
                "machine_type",
                "unknown_value",
                "machine type '%s' is not one of the documented ones (%s); the server decides"
                        .formatted(type, String.join(", ", catalogue)),
                Nearest.to(type, catalogue)
                        .map(near -> "did you mean '" + near + "'?")
                        .orElse(null));
    }

    @Nullable List<String> secretNames(@Nullable List<String> names) {
        if (names != null) {
            names.stream()
                    .filter(name -> !SECRET.matcher(name).matches())
                    .forEach(name ->
                            fields.error(
                                    "secrets",
                                    "out_of_range",
                                    "'secrets' lists names of stored secrets, and '%s' cannot"
                                                    .formatted(shortened(name))
                                            + " be one: letters, digits and '_'",
                                    "store the value with 'mews secrets set' and name it"
                                            + " here"));
        }
        return names;
    }

    /// Someone may have pasted the secret itself.
    private static String shortened(String name) {
        return name.length() <= 4 ? name : name.substring(0, 4) + "…";
    }

    List<String> mounts(@Nullable List<String> paths) {
        if (paths == null) {
            return List.of();
        }
        paths.stream()
                .filter(path -> !DataMounts.accepts(path))
                .forEach(path ->
                        fields.error(
                                "data_mounts",
                                "out_of_range",
                                "'data_mounts' holds \"/data\" or folders in it, was '%s'"
                                        .formatted(path),
                                null));
        return paths;
    }

    boolean snapshot(String key) {
        String word = fields.word(key);
        if (word != null && !word.equals(AFTER_SETUP)) {
            fields.error(
                    key,
                    "out_of_range",
                    "'%s' must be \"%s\", was '%s'".formatted(key, AFTER_SETUP, word),
                    "remove it for the usual start, which runs setup() in each runner");
            return false;
        }
        return word != null;
    }

    static RetryCondition retryCondition(String word) {
        return RetryCondition.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
