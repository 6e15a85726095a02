package mews.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// Names without a name server. protocol: choices 1
@Command
final class HostsCommand implements Callable<Integer> {
    private static final String BEGIN = "# begin: names of Mews";
    private static final String END = "# end: names of Mews";

    @Mixin ServerOptions server = new ServerOptions();

    @Option(
            names = "--address",
            paramLabel = "IP",
            defaultValue = "127.0.0.1",
            description = "Where the names are to lead; default ${DEFAULT-VALUE}.")
    String address = "127.0.0.1";

    @Option(names = "--install", description = "Write them into the file; needs root.")
    boolean install;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            defaultValue = "/etc/hosts",
            description = "The file of --install; default ${DEFAULT-VALUE}.")
    Path file = Path.of("/etc/hosts");

    @Override
    public Integer call() throws IOException {
        checkAddress();
        String line;
        try (Connection connection = server.connect()) {
            Rest rest = connection.rest();
            line = line(rest.json(rest.get("/v1/mews/addresses")), address);
        }
        if (!install) {
            Terminal.ofProcess().result(line);
            return 0;
        }
        try {
            String before = Files.exists(file) ? Files.readString(file) : "";
            Files.writeString(file, with(before, line));
        } catch (AccessDeniedException e) {
            throw Failure.failed(
                    "%s may be written by root only; run this as root, or add the line yourself: %s",
                    file, line);
        }
        Terminal.ofProcess().say(file + ": " + line);
        return 0;
    }

    private void checkAddress() {
        try {
            InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw Failure.badInput(
                    "--address must be an address such as 192.168.1.5, got '%s'", address);
        }
    }

    /// @param told the server's addresses
    static String line(JsonNode told, String address) {
        Set<String> names = new LinkedHashSet<>();
        for (String family : new String[] {"api", "run", "queue", "ws"}) {
            String host = URI.create(told.path(family).asString()).getHost();
            if (host != null && Character.isLetter(host.charAt(host.length() - 1))) {
                names.add(host);
                if (host.startsWith("api.")) {
                    names.add("rest." + host.substring("api.".length()));
                }
            }
        }
        names.remove("localhost");
        if (names.isEmpty()) {
            throw Failure.failed(
                    "this server has no names, only addresses, which need none; set tls.domain in mews.toml to give it some");
        }
        return address + " " + String.join(" ", names);
    }

    /// The file with this line in place of an earlier one of ours.
    static String with(String text, String line) {
        String block = BEGIN + "\n" + line + "\n" + END + "\n";
        Matcher earlier =
                Pattern.compile(
                                "(?ms)^"
                                        + Pattern.quote(BEGIN)
                                        + "$.*?^"
                                        + Pattern.quote(END)
                                        + "$\n?")
                        .matcher(text);
        if (earlier.find()) {
            return earlier.replaceFirst(Matcher.quoteReplacement(block));
        }
        return text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + block;
    }
}
