package mews.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import mews.base.Env;
import mews.build.image.ImageRules;
import mews.host.ImageTools;
import mews.model.Family;
import mews.model.MachineType;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/// Reads `mews.toml`. Every problem is told with its line and column, all of them at once.
public final class ConfigFile {
    private static final long LARGEST = 1_000_000;
    private static final long MEGA = 1_000_000;
    static final int DEFAULT_PORT = 8787;
    private static final Map<String, Family> FAMILIES =
            Map.of(
                    "control", Family.CONTROL,
                    "run", Family.RUN,
                    "queue", Family.QUEUE,
                    "ws", Family.WS);
    private static final Set<String> LATER = Set.of("cdn", "kv");

    private static final List<Authority> LOOPBACK =
            List.of(
                    new Authority(false, "127.0.0.1", DEFAULT_PORT, Family.CONTROL),
                    new Authority(false, "127.0.0.2", DEFAULT_PORT, Family.QUEUE),
                    new Authority(false, "127.0.0.3", DEFAULT_PORT, Family.WS));

    private final Problems problems;
    private final @Nullable TomlTable root;
    private final Set<String> sections = new TreeSet<>();

    private ConfigFile(String name, String text) {
        this.problems = new Problems(name);
        TomlParseResult parsed = Toml.parse(text);
        parsed.errors()
                .forEach(error ->
                        problems.add(error.position(), String.valueOf(error.getMessage())));
        // Half a table would give problems that are none.
        this.root = parsed.hasErrors() ? null : parsed;
    }

    /// @param file one that is not there has all defaults
    /// @throws Refusal with all problems
    public static ServerConfig read(Path file) {
        return read(file, Env.get("MEWS_DATABASE_URL"));
    }

    /// Like `read`, of a file that someone named.
    ///
    /// @throws Refusal also if it is not there
    static ServerConfig readGiven(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "there is no configuration file %s".formatted(file.toAbsolutePath()));
        }
        return read(file);
    }

    /// @param databaseUrl beats the file's; null: not given
    static ServerConfig read(Path file, @Nullable String databaseUrl) {
        String name = file.toString();
        if (!Files.exists(file)) {
            return parse(name, "", databaseUrl);
        }
        try {
            if (Files.size(file) > LARGEST) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "%s:1:1: the file has %d bytes, more than the %d allowed"
                                .formatted(name, Files.size(file), LARGEST));
            }
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            return parse(
                    name,
                    StandardCharsets.UTF_8.newDecoder().decode(bytes).toString(),
                    databaseUrl);
        } catch (CharacterCodingException e) {
            throw new Refusal(Refusal.Kind.INVALID, name + ":1:1: the file is not UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read", e);
        }
    }

    /// @param name of the file, for problems
    static ServerConfig parse(String name, String text, @Nullable String databaseUrl) {
        ConfigFile file = new ConfigFile(name, text);
        ServerConfig config = file.config(databaseUrl);
        file.refuseUnknown();
        file.problems.tell();
        return config;
    }

    private ServerConfig config(@Nullable String databaseUrl) {
        Section addresses = section("addresses");
        ServerConfig.Tls tls = TlsSection.read(section("tls"));
        List<Authority> authorities = TlsSection.withNames(authorities(addresses), tls);
        return new ServerConfig(
                server(!addresses.isPresent() && tls.domain() == null),
                authorities,
                tls,
                sql(databaseUrl),
                machines(),
                PlaceSection.read(section("place")),
                Networks.read(section("sandbox")),
                BuildsSection.read(section("builds")),
                images(),
                RunnersSection.read(section("runners")),
                keep("logs"),
                keep("history"),
                keep("queue"),
                cache());
    }

    private ServerConfig.Server server(boolean anyPort) {
        Section section = section("server");
        List<Authority> listen = new ArrayList<>();
        for (String text : section.strings("listen")) {
            Optional<Authority> parsed =
                    Authority.parse(text, Family.CONTROL).filter(Authority::isLiteral);
            if (parsed.isEmpty()) {
                section.problem(
                        "listen",
                        "server.listen must hold address:port, such as '0.0.0.0:8787', got '%s'"
                                .formatted(text));
            }
            parsed.ifPresent(listen::add);
        }
        int drain = section.integer("drain_seconds", 30, 0, 3600);
        section.refuseUnknown();
        return new ServerConfig.Server(listen, anyPort, Duration.ofSeconds(drain));
    }

    private List<Authority> authorities(Section section) {
        if (!section.isPresent()) {
            return LOOPBACK;
        }
        List<Authority> authorities = new ArrayList<>();
        section.rows()
                .forEach(
                        (text, word) -> authority(section, text, word).ifPresent(authorities::add));
        boolean control = authorities.stream().anyMatch(known -> known.family() == Family.CONTROL);
        if (!control) {
            problems.add(null, "addresses needs one authority that serves 'control'");
        }
        return control ? authorities : LOOPBACK;
    }

    private static Optional<Authority> authority(Section section, String text, String word) {
        Family family = FAMILIES.get(word);
        if (family == null) {
            section.problem(
                    text,
                    LATER.contains(word)
                            ? "addresses.\"%s\": this version serves '%s' at no address of its own"
                                    .formatted(text, word)
                            : "addresses.\"%s\" must be one of %s, got '%s'"
                                    .formatted(
                                            text,
                                            String.join(", ", new TreeSet<>(FAMILIES.keySet())),
                                            word));
            return Optional.empty();
        }
        Optional<Authority> parsed = Authority.parse(text, family);
        if (parsed.isEmpty()) {
            section.problem(
                    text, "'%s' is no address; write host:port or https://host".formatted(text));
        }
        return parsed;
    }

    private ServerConfig.Sql sql(@Nullable String given) {
        Section section = section("sql");
        String written = section.string("url", "");
        int connections = section.integer("connections", 16, 4, 90);
        section.refuseUnknown();
        String url = given == null ? written : given;
        if (url.isEmpty()) {
            return new ServerConfig.Sql(null, connections);
        }
        Optional<String> jdbc = DatabaseUrl.jdbc(url);
        if (jdbc.isEmpty()) {
            // Not repeated: it may hold a password.
            String name = given == null ? "sql.url" : "MEWS_DATABASE_URL";
            section.problem(
                    "url",
                    "%s must look like postgresql://USER:PASSWORD@HOST:5432/DATABASE"
                            .formatted(name));
        }
        return new ServerConfig.Sql(jdbc.orElse(null), connections);
    }

    private Map<String, MachineType> machines() {
        Section section = section("machines");
        Map<String, MachineType> types = new LinkedHashMap<>();
        section.rows()
                .forEach((name, text) ->
                        MachineText.parse(name, text)
                                .ifPresentOrElse(
                                        type -> types.put(name, type),
                                        () ->
                                                section.problem(
                                                        name,
                                                        "machines.\"%s\" must look like 'cpu:2,4GB' or 'gpu:1,cpu:8,64GB', got '%s'"
                                                                .formatted(name, text))));
        return types;
    }

    private ImageRules images() {
        Section section = section("containers");
        ImageRules rules =
                new ImageRules(
                        section.string("default_image", ""),
                        section.string("mirror", ""),
                        builder(section),
                        section.strings("insecure_registries"));
        section.refuseUnknown();
        return rules;
    }

    private static String builder(Section section) {
        String builder = section.string("builder", "");
        if (!builder.isEmpty() && !ImageTools.PROGRAMS.contains(builder)) {
            section.problem(
                    "builder",
                    "containers.builder must be one of %s, or empty for whichever works; got '%s'"
                            .formatted(String.join(", ", ImageTools.PROGRAMS), builder));
        }
        return builder;
    }

    private ServerConfig.Keep keep(String room) {
        Section section = section(room);
        int days = section.integer("retention_days", 30, 1, 3650);
        section.refuseUnknown();
        return new ServerConfig.Keep(Duration.ofDays(days));
    }

    private ServerConfig.Cache cache() {
        Section section = section("cache");
        int limit = section.integer("limit_mb", 50_000, 0, 1_000_000_000);
        int free = section.integer("free_mb", 1_000, 0, 1_000_000_000);
        int revisions = section.integer("keep_revisions", 3, 0, 1_000);
        section.refuseUnknown();
        return new ServerConfig.Cache(limit * MEGA, free * MEGA, revisions);
    }

    private Section section(String name) {
        sections.add(name);
        Object value = root == null ? null : root.get(List.of(name));
        if (value != null && !(value instanceof TomlTable)) {
            problems.add(
                    root == null ? null : root.inputPositionOf(List.of(name)),
                    "'%s' must be a section: [%s]".formatted(name, name));
        }
        return new Section(name, value instanceof TomlTable table ? table : null, problems);
    }

    private void refuseUnknown() {
        if (root == null) {
            return;
        }
        for (String key : root.keySet()) {
            if (!sections.contains(key)) {
                problems.add(
                        root.inputPositionOf(List.of(key)),
                        "there is no section '%s'; %s"
                                .formatted(
                                        key,
                                        Problems.nearest(key, sections)
                                                .map("did you mean '%s'?"::formatted)
                                                .orElse("known: " + String.join(", ", sections))));
            }
        }
    }
}
