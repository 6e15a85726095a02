package mews.server;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import mews.host.Cdi;

/// Reads `[place]` of `mews.toml`.
final class PlaceSection {
    private static final int MARGIN_MB = 512;

    private PlaceSection() {}

    static ServerConfig.Place read(Section section) {
        String region = section.string("region", "").toLowerCase(Locale.ROOT);
        int margin = section.integer("memory_margin_mb", MARGIN_MB, 0, 1_000_000);
        List<Path> folders = section.strings("cdi_folders").stream().map(Path::of).toList();
        section.refuseUnknown();
        return new ServerConfig.Place(
                region.isEmpty() ? null : region,
                margin * 1_000_000L,
                folders.isEmpty() ? Cdi.FOLDERS : folders);
    }
}
