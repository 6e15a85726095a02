package mews.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import mews.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads what vendors say about their accelerators: specifications of the Container Device
/// Interface. Hooks in them are not run: they change files of a container, which a sandbox of ours
/// has none of.
public final class Cdi {
    /// Where vendors' tools put them; a later folder overrides an earlier one.
    public static final List<Path> FOLDERS = List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi"));

    private static final Logger LOG = LoggerFactory.getLogger(Cdi.class);
    private static final Pattern UNIQUE = Pattern.compile(".*[0-9a-fA-F]{8}-.*");

    /// What one entry of a specification adds to a container.
    private record Edits(List<Gpu.Placed> nodes, List<Gpu.Placed> files, Map<String, String> env) {}

    private record Entry(String name, Edits own, Edits common) {
        Gpu gpu() {
            Map<String, String> variables = new HashMap<>(common.env);
            variables.putAll(own.env);
            return new Gpu(
                    name,
                    Stream.concat(common.nodes.stream(), own.nodes.stream()).distinct().toList(),
                    Stream.concat(common.files.stream(), own.files.stream()).distinct().toList(),
                    variables);
        }

        Set<Path> devices() {
            Set<Path> devices = new HashSet<>();
            own.nodes.forEach(node -> devices.add(node.host()));
            return devices;
        }
    }

    private Cdi() {}

    /// Each accelerator once, although specifications list one by number, by its own id and among
    /// `all`; of several names the one with an id. A part of one is not listed beside it.
    ///
    /// @param folders that are not there hold nothing
    public static List<Gpu> gpus(List<Path> folders) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Path folder : folders) {
            for (Path file : files(folder)) {
                read(file).forEach(entry -> entries.put(entry.name, entry));
            }
        }
        List<Entry> simplest =
                entries.values().stream()
                        .sorted(
                                Comparator.comparingInt((Entry entry) -> entry.own.nodes.size())
                                        .thenComparing(
                                                entry -> !UNIQUE.matcher(entry.name).matches())
                                        .thenComparing(Entry::name))
                        .toList();
        Set<Path> taken = new HashSet<>();
        List<Gpu> gpus = new ArrayList<>();
        for (Entry entry : simplest) {
            Set<Path> devices = entry.devices();
            if (!devices.isEmpty() && devices.stream().noneMatch(taken::contains)) {
                taken.addAll(devices);
                gpus.add(entry.gpu());
            }
        }
        return gpus;
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(folder)) {
            List<Path> files = found.sorted().toList();
            for (Path file : files) {
                if (file.toString().matches(".*\\.ya?ml")) {
                    LOG.warn(
                            "a CDI specification in YAML is not read; write it as JSON, such as by"
                                    + " 'nvidia-ctk cdi generate --format=json' file={}",
                            file);
                }
            }
            return files.stream().filter(file -> file.toString().endsWith(".json")).toList();
        } catch (IOException e) {
            LOG.warn(
                    "CDI specifications cannot be listed folder={} cause={}", folder, e.toString());
            return List.of();
        }
    }

    private static List<Entry> read(Path file) {
        try {
            JsonNode spec = Json.MAPPER.readTree(Files.readAllBytes(file));
            String kind = spec.path("kind").asString();
            if (!kind.endsWith("/gpu")) {
                return List.of();
            }
            Edits common = edits(spec.path("containerEdits"));
            return items(spec.path("devices"))
                    .map(device ->
                            new Entry(
                                    kind + "=" + device.path("name").asString(),
                                    edits(device.path("containerEdits")),
                                    common))
                    .toList();
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            LOG.warn("a CDI specification cannot be read file={} cause={}", file, e.toString());
            return List.of();
        }
    }

    private static Edits edits(JsonNode edits) {
        Map<String, String> env = new HashMap<>();
        items(edits.path("env"))
                .map(JsonNode::asString)
                .map(text -> text.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> env.put(pair[0], pair[1]));
        return new Edits(
                items(edits.path("deviceNodes"))
                        .map(node -> placed(node, "hostPath", "path"))
                        .toList(),
                items(edits.path("mounts"))
                        .map(mount -> placed(mount, "hostPath", "containerPath"))
                        .toList(),
                env);
    }

    private static Gpu.Placed placed(JsonNode item, String host, String inside) {
        String there = item.path(inside).asString();
        String here = item.path(host).asString(there);
        Path target = Path.of(there).normalize();
        if (!target.isAbsolute() || !Path.of(here).isAbsolute()) {
            throw new IllegalArgumentException("'%s' is no absolute path".formatted(there));
        }
        return new Gpu.Placed(Path.of(here), target);
    }

    private static Stream<JsonNode> items(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }
}
