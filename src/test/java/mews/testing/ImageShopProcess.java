package mews.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import mews.base.Json;
import mews.build.image.ImageRules;

/// An image shop in a process of its own, to be killed in the middle of a build.
public final class ImageShopProcess {
    private ImageShopProcess() {}

    /// Begins to build.
    ///
    /// @param root of the shop
    /// @param image the image table; its values for secrets are plain
    public static Process start(Path root, Map<String, Object> image) throws IOException {
        Path table = Files.createTempFile("mews-table-", ".json");
        Files.writeString(table, Json.MAPPER.writeValueAsString(image));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ImageShopProcess.class.getName(),
                        root.toString(),
                        table.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @SuppressWarnings("unchecked")
    static void main(String[] words) throws Exception {
        Map<String, Object> image =
                Json.MAPPER.readValue(Files.readString(Path.of(words[1])), Map.class);
        try (ImageShop shop = new ImageShop(Path.of(words[0]), ImageRules.STANDARD)) {
            shop.build(ImageShop.order(image));
        }
    }
}
