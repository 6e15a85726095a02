package mews.build.image;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// The images of registries that one build stands on.
final class BaseImages {
    private final ContainerBuild.Shop shop;
    private final ContainerPlan plan;
    private final ImageFiles files;
    private final Consumer<String> lines;

    BaseImages(
            ContainerBuild.Shop shop,
            ContainerPlan plan,
            ImageFiles files,
            Consumer<String> lines) {
        this.shop = shop;
        this.plan = plan;
        this.files = files;
        this.lines = lines;
    }

    /// Asks for every base with the caller's own logins.
    ///
    /// @return what was made before if a registry does not answer; null: go on
    @Nullable String fetch(
            ImageBuilder.Place place,
            ImageRecipes.@Nullable Made before,
            Map<String, ImageFiles.Stored> bases)
            throws IOException, InterruptedException {
        for (ImageName name : plan.bases()) {
            boolean[] quiet = {before != null && before.bases().containsKey(name.toString())};
            try {
                String id = shop.builder().pull(place, name, quiet[0] ? line -> {} : lines);
                ImageFiles.Stored stored = files.image(id);
                checkArchitecture(name, stored);
                bases.put(name.toString(), stored);
            } catch (ImageBuilder.Failed e) {
                RegistryTrouble trouble =
                        RegistryTrouble.of(
                                name, e.said(), plan.logins().has(name.registry()), shop.space());
                if (!trouble.unreachable()
                        || before == null
                        || plan.order().force()
                        || !shop.folders().mount(before.root())) {
                    throw trouble.refusal();
                }
                lines.accept(
                        "registry %s cannot be reached; the image that was built before is used (%s)"
                                .formatted(name.registry(), before.root().substring(0, 12)));
                return before.root();
            }
        }
        return null;
    }

    /// Says which tags point elsewhere than the last time.
    void tellMoves(ImageRecipes.@Nullable Made before, Map<String, String> digests) {
        digests.forEach((name, digest) -> {
            String old = before == null ? null : before.bases().get(name);
            if (old != null && !old.equals(digest)) {
                lines.accept("base %s moved from %s to %s".formatted(name, old, digest));
            }
        });
    }

    private static void checkArchitecture(ImageName name, ImageFiles.Stored stored) {
        String theirs = stored.configuration().path("architecture").asString("");
        String ours = ImageFailures.architecture();
        if (!theirs.isEmpty() && !theirs.equals(ours)) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "image %s is for linux/%s, this host is linux/%s; choose a variant for %s"
                            .formatted(name, theirs, ours, ours));
        }
    }
}
