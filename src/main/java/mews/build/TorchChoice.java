package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.model.MachineKind;

/// Which build of torch a layer gets: for CPU machine types the one without CUDA, for GPU types the
/// one for the driver; none where the layer says itself where its torch comes from.
///
/// @param options lines that a layer gets, part of its key
/// @param why one line for the build log; empty if the layer does not name torch
record TorchChoice(List<String> options, String why) {
    static final TorchChoice NONE = new TorchChoice(List.of(), "");

    static final String BACKEND = "--torch-backend ";

    private static final Set<String> FAMILY =
            Set.of("torch", "torchvision", "torchaudio", "torchtext", "torchdata", "triton");
    private static final Pattern NAME = Pattern.compile("^([A-Za-z0-9._-]+)");
    private static final Pattern BUILD = Pattern.compile("^\\S+==[^\\s+]+\\+(cpu|cu|rocm)");
    private static final Pattern NVIDIA = Pattern.compile("(\\d{3,4})\\.\\d+");

    /// Least driver → newest CUDA of torch's builds that it runs.
    private static final TreeMap<Integer, String> DRIVERS =
            new TreeMap<>(Map.of(450, "cu118", 525, "cu126", 570, "cu128", 580, "cu130"));

    /// @param driver major version of this host's NVIDIA driver
    static TorchChoice of(
            RequirementLayer layer,
            MachineKind machine,
            BuildSettings settings,
            Optional<Integer> driver) {
        boolean named = layer.packages().stream().anyMatch(TorchChoice::isTorch);
        Optional<String> own = own(layer);
        if (own.isPresent()) {
            return new TorchChoice(
                    List.of(), said(named, "torch: as the layer says: " + own.get()));
        }
        if (machine == MachineKind.CPU) {
            return chosen("cpu", "for a CPU machine type", settings, named);
        }
        String backend = settings.torchBackend();
        if (backend != null) {
            return chosen(
                    backend, "for a GPU machine type, by builds.torch_backend", settings, named);
        }
        return driver.map(DRIVERS::floorEntry)
                .map(fit ->
                        chosen(
                                fit.getValue(),
                                "for a GPU machine type with driver " + driver.orElseThrow(),
                                settings,
                                named))
                .orElseGet(() ->
                        new TorchChoice(
                                List.of(),
                                said(
                                        named,
                                        "torch: whatever the index has: this host has no NVIDIA driver, and builds.torch_backend in mews.toml is not set")));
    }

    /// A layer with what was chosen for it, for its key.
    RequirementLayer over(RequirementLayer layer) {
        RequirementLayer whole = layer;
        for (String option : options) {
            whole = whole.plus(option);
        }
        return whole;
    }

    /// Whether a failure may come from the choice: there is no such build, or no way to it.
    boolean isBlamed(String said) {
        return options.stream()
                .anyMatch(option ->
                        FAMILY.stream().anyMatch(said::contains)
                                || SourceUrl.parse(option.substring(option.indexOf(' ') + 1))
                                        .filter(url -> said.contains(url.host()))
                                        .isPresent());
    }

    /// Whether a lock holds a build of torch's own index.
    static boolean isIn(Lock lock) {
        return lock.entries().entrySet().stream()
                .anyMatch(entry ->
                        FAMILY.contains(entry.getKey()) && BUILD.matcher(entry.getValue()).find());
    }

    /// Said when there is no way to the chosen build.
    String passedOver() {
        return "torch: the chosen build cannot be had for these packages; taken from the layer's indexes as they are";
    }

    /// @return major version of the driver that runs on this host
    static Optional<Integer> driver() {
        for (String file : List.of("/sys/module/nvidia/version", "/proc/driver/nvidia/version")) {
            try {
                Matcher version = NVIDIA.matcher(Files.readString(Path.of(file)));
                if (version.find()) {
                    return Optional.of(Integer.valueOf(version.group(1)));
                }
            } catch (IOException e) {
                // No such driver.
            }
        }
        return Optional.empty();
    }

    private static TorchChoice chosen(
            String backend, String reason, BuildSettings settings, boolean named) {
        String index = settings.torchIndex();
        if (index == null) {
            return new TorchChoice(
                    List.of(BACKEND + backend),
                    said(named, "torch: the %s build, %s".formatted(backend, reason)));
        }
        String place =
                index.contains("{backend}")
                        ? index.replace("{backend}", backend)
                        : index.replaceAll("/$", "") + "/" + backend;
        return new TorchChoice(
                List.of("--extra-index-url " + place),
                said(
                        named,
                        "torch: the %s build, %s, from %s"
                                .formatted(backend, reason, UrlMask.forPeople(place))));
    }

    private static String said(boolean named, String line) {
        return named ? line : "";
    }

    private static Optional<String> own(RequirementLayer layer) {
        if (layer.options().stream().anyMatch(it -> it.matches("--(.*index|find-links).*"))) {
            return Optional.of("it names its own index");
        }
        for (String entry : layer.packages()) {
            if (isTorch(entry) && entry.contains("://")) {
                return Optional.of("it names a file");
            }
            if (isTorch(entry) && entry.matches("[^;]*==[^;,]*\\+.*")) {
                return Optional.of("it names a build");
            }
        }
        return Optional.empty();
    }

    /// By its name, or by the file that a URL names.
    private static boolean isTorch(String entry) {
        Package its = Package.parse(entry);
        String text = its.text();
        if (its.source().isPresent()) {
            text = its.name().isEmpty() ? its.source().get().fileName().split("-")[0] : its.name();
        }
        Matcher name = NAME.matcher(text);
        return name.find() && FAMILY.contains(name.group(1).toLowerCase(Locale.ROOT));
    }
}
