package mews.project;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import mews.model.AuthMode;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.HostedRun;
import mews.wire.proto.RegisterApplicationRequest;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads the document of a loader that succeeded.
final class LoaderAnswer {
    private LoaderAnswer() {}

    static LoadedApp read(
            JsonNode document, Loader.Request request, Target.Ref ref, String pythonVersion) {
        try {
            return new LoadedApp(
                    request.project(),
                    text(document, "symbol"),
                    text(document, "name"),
                    auth(text(document, "auth")),
                    texts(document.path("endpoints")),
                    pythonVersion,
                    BuildEnvironmentRequest.parseFrom(bytes(document, "build")).toBuilder()
                            .clearApplicationName()
                            .build(),
                    HostedRun.parseFrom(bytes(document, "run")).toBuilder()
                            .clearApplicationName()
                            .clearAuthMode()
                            .build(),
                    RegisterApplicationRequest.parseFrom(bytes(document, "register")).toBuilder()
                            .clearApplicationName()
                            .clearAuthMode()
                            .build(),
                    files(document, request, ref),
                    Path.of(document.path("requirements_base").asString()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "the loader wrote a request that is none: " + e.getMessage(), e);
        }
    }

    private static Brought files(JsonNode document, Loader.Request request, Target.Ref ref) {
        JsonNode context = document.path("context");
        if (context.isObject()) {
            return context(context, request, ref);
        }
        JsonNode files = document.path("files");
        if (files.isMissingNode() || files.isNull()) {
            return AppFiles.Selection.NONE;
        }
        ProjectApp project = request.project();
        return new AppFiles.Selection(
                texts(files.path("paths")),
                texts(files.path("ignore")),
                Path.of(files.path("context").asString()),
                ref.file(),
                project == null ? request.workFolder() : project.folder());
    }

    private static BuildContext context(JsonNode context, Loader.Request request, Target.Ref ref) {
        Path folder =
                request.workFolder()
                        .resolve(String.valueOf(ref.file().getParent()))
                        .resolve(context.path("folder").asString())
                        .normalize();
        JsonNode patterns = context.path("patterns");
        List<String> regexes = texts(context.path("regexes"));
        IgnoreRules ignore = IgnoreRules.ofRegexes(regexes);
        if (patterns.isArray()) {
            ignore = IgnoreRules.of(texts(patterns));
        } else if (regexes.equals(IgnoreRules.ofContext(folder).regexes())) {
            // Ours, from the project file: the patterns say more than what was made of them.
            ignore = IgnoreRules.ofContext(folder);
        }
        return new BuildContext(folder, context.path("dockerfile").asString(), ignore);
    }

    private static byte[] bytes(JsonNode document, String key) {
        return Base64.getDecoder().decode(document.path(key).asString());
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }

    private static @Nullable String text(JsonNode document, String key) {
        JsonNode value = document.path(key);
        return value.isNull() || value.isMissingNode() ? null : value.asString();
    }

    private static @Nullable AuthMode auth(@Nullable String word) {
        return word == null ? null : AuthMode.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
