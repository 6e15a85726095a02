package mews.build;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import mews.base.Folders;

/// Brings what needs no building: linked where it was unpacked before, otherwise unpacked by uv
/// where it may build nothing, so that no stranger's code could have touched it.
final class Wheels {
    /// How uv says that there is nothing but sources.
    private static final List<String> NO_WHEEL =
            List.of(
                    "building from source is disabled",
                    "Building source distributions is disabled");

    /// Each time one package less is asked for.
    private static final int ATTEMPTS = 8;

    private final Installer installer;
    private final WheelStore store;

    Wheels(Installer installer, WheelStore store) {
        this.installer = installer;
        this.store = store;
    }

    /// @param trees folders with what was brought
    /// @param rest what is to be installed in another way
    /// @param whole what the only tree holds, if that is all of the layer: it can be moved there,
    ///   and the store have it later; otherwise empty
    record Laid(List<Path> trees, Lock rest, Lock whole) {}

    /// @throws Installer.Failed if one cannot be had, for another reason than that it has no wheel
    Laid lay(Bench bench, String minor, Recipe recipe, Lock wanted, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        if (recipe.choosesForms()) {
            return new Laid(List.of(), wanted, Lock.EMPTY);
        }
        Map<String, String> rest = new LinkedHashMap<>(wanted.entries());
        Map<String, String> missing = new LinkedHashMap<>();
        Map<String, String> linked = new LinkedHashMap<>();
        List<Path> trees = new ArrayList<>();
        wanted.entries()
                .forEach((name, entry) -> {
                    Optional<Path> kept = store.find(entry);
                    if (Lock.isFromIndex(entry) && kept.isPresent()) {
                        linked.put(name, entry);
                        trees.add(kept.get());
                    } else if (Lock.isFromIndex(entry)) {
                        missing.put(name, entry);
                    }
                });
        rest.keySet().removeAll(linked.keySet());
        if (!linked.isEmpty()) {
            lines.accept("Unpacked before: " + String.join(", ", new Lock(linked).pins()));
        }
        if (!missing.isEmpty() && unpack(bench, minor, recipe, missing, lines)) {
            if (missing.keySet().equals(wanted.entries().keySet())) {
                return new Laid(List.of(bench.unpacked()), Lock.EMPTY, wanted);
            }
            store.keep(bench.unpacked(), missing);
            missing.values().forEach(entry -> store.find(entry).ifPresent(trees::add));
            trees.add(bench.unpacked());
            rest.keySet().removeAll(missing.keySet());
        }
        return new Laid(trees, new Lock(rest), Lock.EMPTY);
    }

    /// @param missing loses what has no wheel
    /// @return whether anything was unpacked
    private boolean unpack(
            Bench bench,
            String minor,
            Recipe recipe,
            Map<String, String> missing,
            Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        Optional<Path> located = WheelAddresses.known(bench, new Lock(missing));
        for (int i = 0; i < ATTEMPTS && !missing.isEmpty(); i++) {
            List<String> said = new ArrayList<>();
            try {
                installer.unpack(bench, minor, recipe, new Lock(missing), located, said::add);
                said.forEach(lines);
                return true;
            } catch (Installer.Failed e) {
                Folders.delete(bench.wheelsDraft());
                if (located.isPresent()) {
                    // What uv remembered may not hold any more: the index knows.
                    located = Optional.empty();
                    continue;
                }
                if (NO_WHEEL.stream().noneMatch(e.explanation()::contains)) {
                    throw e;
                }
                Optional<String> sourceOnly = new Lock(missing).blamed(e.explanation());
                if (sourceOnly.isEmpty()) {
                    return false;
                }
                missing.remove(sourceOnly.get());
            }
        }
        return false;
    }
}
