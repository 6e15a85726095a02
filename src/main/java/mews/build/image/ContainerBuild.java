package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import mews.base.Hashes;
import mews.build.DiskSpace;
import mews.build.Holds;
import mews.build.Support;
import mews.model.ContainerSettings;
import mews.model.Image;
import mews.model.Refusal;
import mews.sandbox.Sandboxes;
import org.jspecify.annotations.Nullable;

/// One build of a container: ask the registries, take what is there, else build it, install the
/// requirements on top, finish.
final class ContainerBuild {
    /// Makes the packages that runners of a Python minor version need.
    interface Support {
        void ensure(String minor, Consumer<String> lines) throws InterruptedException;
    }

    /// What all builds share.
    record Shop(
            ImageBuilder builder,
            ImageFolders folders,
            ImageRecipes recipes,
            ImageRequirements requirements,
            ImageRules rules,
            Sandboxes sandboxes,
            mews.storage.Blobs blobs,
            Support support,
            mews.host.ImageTools tools,
            ImageStores stores,
            Holds holds,
            DiskSpace space) {}

    private final Shop shop;
    private final ContainerPlan plan;
    private final Function<String, Optional<String>> secrets;
    private final Consumer<String> lines;
    private final String account;
    private final ImageFiles files;

    ContainerBuild(
            Shop shop,
            ContainerPlan plan,
            Function<String, Optional<String>> secrets,
            Consumer<String> lines) {
        this.shop = shop;
        this.plan = plan;
        this.secrets = secrets;
        this.lines = lines;
        this.account = plan.order().account();
        this.files = shop.builder().files(shop.folders().store(account));
    }

    /// @param wanted root of an image that is to be made again as it was; null: whatever comes
    /// @return root of the image
    String run(@Nullable String wanted) throws IOException, InterruptedException {
        shop.space().require();
        shop.stores().prepare(account);
        ImageRecipes.@Nullable Made before = shop.recipes().find(account, plan.recipe());
        Path disks = shop.folders().store(account).resolve("drafts");
        try (Holds.Hold hold = shop.holds().take();
                ImageBench bench =
                        ImageBench.make(disks, shop.stores().memory().resolve("drafts"))) {
            hold.add(account);
            StepCache.touch(shop.folders().store(account));
            ImageBuilder.Place place = place(bench);
            Map<String, ImageFiles.Stored> bases = new LinkedHashMap<>();
            BaseImages asked = new BaseImages(shop, plan, files, lines);
            @Nullable String kept = asked.fetch(place, before, bases);
            if (kept != null) {
                return kept;
            }
            Map<String, String> digests = new TreeMap<>();
            bases.forEach((name, stored) -> digests.put(name, stored.digest()));
            asked.tellMoves(before, digests);
            if (before != null
                    && before.bases().equals(digests)
                    && !plan.order().force()
                    && shop.folders().mount(before.root())) {
                lines.accept("image: cached (%s)".formatted(before.root().substring(0, 12)));
                return before.root();
            }
            return make(place, bases, digests, wanted);
        }
    }

    private String make(
            ImageBuilder.Place place,
            Map<String, ImageFiles.Stored> bases,
            Map<String, String> digests,
            @Nullable String wanted)
            throws IOException, InterruptedException {
        String root = Hashes.sha256Hex(plan.recipe() + "\n" + digests).substring(0, 40);
        if (wanted != null && !plan.order().force() && !wanted.equals(root)) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "the image %s is not on disk any more and cannot be made again as it was: its base has moved since. Deploy the app again"
                            .formatted(wanted.substring(0, 12)));
        }
        boolean steps = plan.dockerfile() != null;
        try (StepNetwork network =
                StepNetwork.open(shop.sandboxes(), shop.tools(), place, steps, lines)) {
            if (shop.tools().weak() && steps) {
                lines.accept(
                        "the steps of this build are isolated by chroot only: no OCI runtime works here");
            }
            String id = steps ? build(network.steps()) : only(bases).id();
            ImageFiles.Stored built = files.image(id);
            @Nullable ImagePython python = python(built);
            String whole =
                    python == null || plan.layers().isEmpty()
                            ? id
                            : install(network.requirements(), id, python);
            String name = plan.order().force() ? forced(root, whole) : root;
            finish(name, built, files.image(whole), python);
            shop.recipes().keep(account, plan.recipe(), new ImageRecipes.Made(digests, name));
            return name;
        }
    }

    private String build(ImageBuilder.Place place) throws IOException, InterruptedException {
        Path context =
                ImageContext.lay(
                        place.bench().disk().resolve("context"), plan.files(), shop.blobs());
        Map<String, Path> secretFiles = new TreeMap<>();
        for (Map.Entry<String, String> secret : plan.secrets().entrySet()) {
            String name = "secret-" + secretFiles.size();
            secretFiles.put(secret.getKey(), place.bench().secret(name, secret.getValue()));
        }
        ImageBuilder.Order order =
                new ImageBuilder.Order(
                        String.valueOf(plan.table().dockerfile()),
                        context,
                        plan.table().buildArgs(),
                        secretFiles,
                        List.of(),
                        Optional.empty(),
                        plan.order().force());
        try {
            return shop.builder().build(place, order, lines);
        } catch (ImageBuilder.Failed e) {
            throw ImageFailures.of(plan.dockerfile(), e.said(), e.code(), shop.space());
        }
    }

    private String install(ImageBuilder.Place place, String base, ImagePython python)
            throws IOException, InterruptedException {
        lines.accept("installing requirements into %s of the image".formatted(python.path()));
        try {
            return shop.requirements()
                    .install(
                            shop.builder(),
                            place,
                            account,
                            shop.folders().store(account).resolve("cache"),
                            base,
                            python,
                            plan.layers(),
                            secrets,
                            plan.order().force(),
                            lines);
        } catch (ImageBuilder.Failed e) {
            Refusal why = ImageFailures.of(null, e.said(), e.code(), shop.space());
            throw new Refusal(
                    why.kind(),
                    "requirements cannot be installed into the image: " + why.getMessage());
        }
    }

    /// The Python to use, checked; null if the app needs none.
    private @Nullable ImagePython python(ImageFiles.Stored built)
            throws IOException, InterruptedException {
        boolean needed = plan.table().python() || !plan.layers().isEmpty();
        Map<String, String> variables = ImageSettings.environment(built);
        if (!needed) {
            return null;
        }
        @Nullable ImagePython python =
                shop.folders()
                        .look(account, built.layers(), seen -> ImagePython.find(seen, variables));
        if (python == null) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "there is no python on the PATH of the image (%s); add one, or set use_isolate = false for an app that is only an image"
                            .formatted(variables.getOrDefault("PATH", "not set")));
        }
        String wanted = plan.order().spec().pythonVersion();
        if (plan.table().python() && !python.minor().equals(wanted)) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "the image has Python %s (%s), the app is for %s: set python_version = \"%s\", or use a base image with Python %s"
                            .formatted(
                                    python.minor(), python.path(), wanted, python.minor(), wanted));
        }
        if (plan.table().python()) {
            shop.support().ensure(python.minor(), lines);
        }
        return python;
    }

    /// Built anew on request: the old one may be in use, and stays.
    private static String forced(String root, String id) {
        return Hashes.sha256Hex(root + "\n" + id).substring(0, 40);
    }

    private void finish(
            String root,
            ImageFiles.Stored built,
            ImageFiles.Stored whole,
            @Nullable ImagePython python)
            throws IOException, InterruptedException {
        ContainerSettings settings = ImageSettings.of(built, whole.digest(), plan.table(), python);
        String minor = python == null ? plan.order().spec().pythonVersion() : python.minor();
        shop.folders()
                .keep(
                        new ImageFolders.Card(
                                new Image(root, minor, List.of(), root),
                                account,
                                whole.id(),
                                whole.layers(),
                                plan.table().python()),
                        settings);
        lines.accept("image: ready (%s)".formatted(root.substring(0, 12)));
    }

    private ImageBuilder.Place place(ImageBench bench) throws IOException {
        List<String> registries =
                new ArrayList<>(plan.bases().stream().map(ImageName::registry).toList());
        Path conf =
                Files.writeString(
                        bench.disk().resolve("registries.conf"),
                        shop.builder().registries(shop.rules(), registries));
        return new ImageBuilder.Place(
                bench,
                shop.folders().store(account),
                shop.folders().run(account),
                bench.secret("logins.json", plan.logins().file()),
                conf,
                List.of(),
                List.of(),
                Map.of());
    }

    private static ImageFiles.Stored only(Map<String, ImageFiles.Stored> bases) {
        return new HashMap<>(bases).values().iterator().next();
    }
}
