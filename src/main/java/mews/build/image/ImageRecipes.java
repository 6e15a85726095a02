package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import mews.base.Json;
import org.jspecify.annotations.Nullable;

/// What a recipe came to the last time: which bases it stood on, and which image that made.
/// Thread-safe.
final class ImageRecipes {
    /// @param bases digest of each base by its name
    record Made(Map<String, String> bases, String root) {}

    private final ImageFolders folders;

    ImageRecipes(ImageFolders folders) {
        this.folders = folders;
    }

    /// @return null if it was never made here
    @Nullable Made find(String account, String recipe) throws IOException {
        Path file = file(account, recipe);
        return Files.exists(file)
                ? Json.MAPPER.readValue(Files.readString(file), Made.class)
                : null;
    }

    void keep(String account, String recipe, Made made) throws IOException {
        Path file = file(account, recipe);
        Files.createDirectories(file.getParent());
        Path draft = Files.createTempFile(file.getParent(), ".tmp-", "");
        Files.writeString(draft, Json.MAPPER.writeValueAsString(made));
        Files.move(
                draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private Path file(String account, String recipe) {
        return folders.store(account).resolve("recipes").resolve(recipe);
    }
}
