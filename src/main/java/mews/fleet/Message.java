package mews.fleet;

import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import mews.base.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a runner says on its control socket: one JSON object per line, named by `type`.
sealed interface Message {
    Pattern MODULE = Pattern.compile("[A-Za-z0-9_.]{1,200}");
    int MOST_MODULES = 10_000;

    /// @param pid inside its own namespace
    record Hello(long pid, String python) implements Message {}

    /// @param began when this phase began, by the clock that both sides share
    record Phase(String name, Instant began) implements Message {}

    /// It takes requests, or runs its function.
    record Ready(Instant at) implements Message {}

    /// The function returned or raised.
    ///
    /// @param definition null if the bytes are in the file `result` of the runner's folder
    record Result(
            String method, byte @Nullable [] definition, boolean raised, @Nullable String traceback)
            implements Message {}

    /// It gives up.
    ///
    /// @param message one line for people
    record Failed(String phase, String message) implements Message {}

    /// Nothing listens on the app's port, but on these, perhaps none.
    record Elsewhere(List<Integer> ports) implements Message {
        public Elsewhere {
            ports = List.copyOf(ports);
        }
    }

    /// What it had to import although a warm parent could have.
    ///
    /// @param modules names, in the order of their import
    record Imports(List<String> modules) implements Message {}

    /// A warm parent ran `setup()`.
    ///
    /// @param lines what it printed, each as a runner writes it
    record SetUp(double seconds, List<String> lines) implements Message {}

    /// The last message of an end that was asked for.
    record Bye() implements Message {}

    /// @throws IllegalArgumentException if the line is not one of ours
    static Message parse(String line) {
        try {
            JsonNode json = Json.MAPPER.readTree(line);
            return switch (json.path("type").asString("")) {
                case "hello" ->
                        new Hello(json.path("pid").asLong(), json.path("python").asString(""));
                case "phase" -> new Phase(json.path("name").asString(""), instant(json.path("t")));
                case "ready" -> new Ready(instant(json.path("t")));
                case "elsewhere" -> new Elsewhere(ports(json.path("ports")));
                case "result" -> result(json);
                case "failed" ->
                        new Failed(
                                json.path("phase").asString("serve"),
                                json.path("message").asString("no reason was given"));
                case "imports" -> imports(json.path("modules"));
                case "set_up" -> setUp(json);
                case "bye" -> new Bye();
                default ->
                        throw new IllegalArgumentException(
                                "a runner sent a message of unknown type");
            };
        } catch (JacksonException e) {
            throw new IllegalArgumentException("a runner sent a line that is not JSON", e);
        }
    }

    private static SetUp setUp(JsonNode json) {
        List<String> lines =
                json.path("lines").valueStream().map(line -> line.asString("")).toList();
        return new SetUp(json.path("seconds").asDouble(0), lines);
    }

    private static List<Integer> ports(JsonNode numbers) {
        return numbers.valueStream().map(JsonNode::asInt).limit(20).toList();
    }

    private static Imports imports(JsonNode modules) {
        return new Imports(
                modules.valueStream()
                        .map(name -> name.asString(""))
                        .filter(name -> MODULE.matcher(name).matches())
                        .limit(MOST_MODULES)
                        .toList());
    }

    private static Result result(JsonNode json) {
        JsonNode definition = json.path("definition");
        JsonNode traceback = json.path("traceback");
        return new Result(
                json.path("method").asString("cloudpickle"),
                definition.isString() ? Base64.getDecoder().decode(definition.asString()) : null,
                json.path("raised").asBoolean(false),
                traceback.isString() ? traceback.asString() : null);
    }

    private static Instant instant(JsonNode seconds) {
        return Instant.ofEpochSecond(0, (long) (seconds.asDouble(0) * 1e9));
    }
}
