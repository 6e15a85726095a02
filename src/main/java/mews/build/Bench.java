package mews.build;

import java.io.IOException;
import java.nio.file.Path;
import mews.base.Folders;
import mews.sandbox.SandboxSpec;

/// Where uv works for one build. A stranger's code that builds a package writes to some of it, and
/// none of that is ever linked into a layer: a later build could change the layer with it.
///
/// @param folder of the account's builds; nothing in a sandbox sees it as a whole, since builds of
///   one account run side by side
/// @param draft of this build: what a stranger's code may write while uv runs
/// @param orders of this build, where a finished layer is put together; that code may only read it
/// @param hidden of this build, in memory where the host has such a folder: what git signs in with
/// @param reach of this build
record Bench(Path folder, Path draft, Path orders, Path hidden, SandboxSpec.Reach reach) {
    Bench reaching(SandboxSpec.Reach other) {
        return new Bench(folder, draft, orders, hidden, other);
    }

    /// uv's cache where packages are built.
    ///
    /// @param kept whether later builds of the account may use it
    Path cache(boolean kept) {
        return kept ? PackageCache.built(folder) : draft.resolve("cache");
    }

    /// What uv may write while it unpacks wheels and runs nothing of them.
    Path wheels() {
        return PackageCache.wheels(folder);
    }

    /// Of this build, in there.
    Path wheelsDraft() {
        return wheels().resolve(draft.getFileName());
    }

    /// uv's cache where nothing is built.
    Path wheelsCache(boolean kept) {
        return (kept ? wheels() : wheelsDraft()).resolve("cache");
    }

    /// Where wheels are unpacked to, links into that cache.
    Path unpacked() {
        return wheelsDraft().resolve("site");
    }

    /// All that is of this build alone.
    void delete() throws IOException {
        Folders.delete(draft);
        Folders.delete(orders);
        Folders.delete(hidden);
        Folders.delete(wheelsDraft());
    }
}
