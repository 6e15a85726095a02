package mews.build.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// The image table of an environment, read and checked. protocol: control 4.3
///
/// @param dockerfile text; null: an image that exists is used
/// @param reference of an image that exists; null: it is built
/// @param buildArgs visible in the image's history, never secret
/// @param registries by their key, each a user and a password, `$NAME` for a stored secret
/// @param secrets by id, `$NAME` for a stored secret
/// @param entrypoint null: the image's own; beside it the image's command does not count
/// @param command null: the image's own
/// @param copied what COPY and ADD name, as the client found them
/// @param python false: only the image's own process, without our Python runner
/// @param readOnly whether its runners may change nothing of it
record ImageTable(
        @Nullable String dockerfile,
        @Nullable String reference,
        Map<String, String> buildArgs,
        Map<String, Map<String, String>> registries,
        Map<String, String> secrets,
        @Nullable List<String> entrypoint,
        @Nullable List<String> command,
        List<String> copied,
        boolean python,
        boolean readOnly) {

    /// @param standard what an app without an image gets; empty: nothing
    /// @throws Refusal if it cannot be understood
    static ImageTable of(Map<String, Object> image, String standard) {
        String dockerfile = text(image, "dockerfile_str");
        String reference = text(image, "image");
        if (dockerfile == null && reference == null) {
            if (standard.isEmpty()) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "this app is of kind 'container' but names no image; give it image = ContainerImage.from_dockerfile_str(…), or an [image] table with dockerfile or image, or let the operator set default_image under [containers] in mews.toml");
            }
            reference = standard;
        }
        if (dockerfile != null && reference != null) {
            throw invalid("has both 'dockerfile_str' and 'image'; keep the one to use");
        }
        return new ImageTable(
                dockerfile,
                reference,
                texts(image, "build_args"),
                logins(image),
                texts(image, "secrets"),
                words(image, "entrypoint"),
                words(image, "cmd"),
                list(image, "docker_files_list"),
                !Boolean.FALSE.equals(image.get("use_isolate")),
                Boolean.TRUE.equals(image.get("read_only")));
    }

    private static @Nullable String text(Map<String, Object> image, String key) {
        Object value = image.get(key);
        if (value == null || (value instanceof String text && text.isBlank())) {
            return null;
        }
        if (value instanceof String text) {
            return text;
        }
        throw invalid("'%s' must be a text".formatted(key));
    }

    private static Map<String, String> texts(Map<String, Object> image, String key) {
        Map<String, String> texts = new TreeMap<>();
        if (image.get(key) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> texts.put(String.valueOf(name), plain(value)));
        } else if (image.get(key) != null) {
            throw invalid("'%s' must map names to texts".formatted(key));
        }
        return texts;
    }

    private static Map<String, Map<String, String>> logins(Map<String, Object> image) {
        Map<String, Map<String, String>> logins = new TreeMap<>();
        Object given = image.get("registries");
        if (given instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (value instanceof Map<?, ?> login
                        && login.get("username") instanceof String user
                        && login.get("password") instanceof String password) {
                    logins.put(String.valueOf(key), Map.of("username", user, "password", password));
                } else {
                    throw invalid("registry '%s' needs 'username' and 'password'".formatted(key));
                }
            });
        }
        return logins;
    }

    private static List<String> list(Map<String, Object> image, String key) {
        List<String> words = new ArrayList<>();
        if (image.get(key) instanceof List<?> list) {
            list.forEach(word -> words.add(plain(word)));
        }
        return words;
    }

    private static @Nullable List<String> words(Map<String, Object> image, String key) {
        return switch (image.get(key)) {
            case null -> null;
            case String text -> ShellWords.command(text);
            case List<?> list -> list.stream().map(ImageTable::plain).toList();
            default -> throw invalid("'%s' must be a text or a list of texts".formatted(key));
        };
    }

    /// Numbers of a Struct are all doubles. protocol: control 2.1
    private static String plain(@Nullable Object value) {
        return value instanceof Double number && number == Math.rint(number)
                ? String.valueOf(number.longValue())
                : String.valueOf(value);
    }

    private static Refusal invalid(String what) {
        return new Refusal(Refusal.Kind.INVALID, "the app's image " + what);
    }
}
