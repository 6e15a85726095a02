package mews.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import mews.model.Family;
import org.jspecify.annotations.Nullable;

/// `[tls]` of `mews.toml`. protocol: choices 1
final class TlsSection {
    private static final Pattern DOMAIN =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
    private static final int LONGEST_DOMAIN = 240;

    private TlsSection() {}

    static ServerConfig.Tls read(Section section) {
        String domain = domain(section);
        @Nullable Path certificate = file(section, "certificate");
        @Nullable Path key = file(section, "key");
        if ((certificate == null) != (key == null)) {
            section.problem("certificate", "tls needs both certificate and key, or neither");
        }
        boolean own = domain != null || certificate != null;
        boolean anywhere =
                switch (section.string("plaintext", "")) {
                    case "" -> !own;
                    case "anywhere" -> true;
                    case "loopback" -> false;
                    default -> {
                        section.problem(
                                "plaintext", "tls.plaintext must be 'loopback' or 'anywhere'");
                        yield false;
                    }
                };
        section.refuseUnknown();
        return new ServerConfig.Tls(domain, certificate, key, anywhere);
    }

    /// The domain's names come first, so that URLs are made of them.
    static List<Authority> withNames(List<Authority> authorities, ServerConfig.Tls tls) {
        String domain = tls.domain();
        if (domain == null) {
            return authorities;
        }
        int port =
                authorities.stream()
                        .filter(authority ->
                                authority.isLiteral() && authority.family() == Family.CONTROL)
                        .findFirst()
                        .map(Authority::port)
                        .orElse(ConfigFile.DEFAULT_PORT);
        List<Authority> all = new ArrayList<>();
        all.add(new Authority(true, "api." + domain, port, Family.CONTROL));
        all.add(new Authority(true, "rest." + domain, port, Family.CONTROL));
        all.add(new Authority(true, "run." + domain, port, Family.RUN));
        all.add(new Authority(true, "queue.run." + domain, port, Family.QUEUE));
        all.add(new Authority(true, "ws.run." + domain, port, Family.WS));
        all.addAll(authorities);
        return List.copyOf(all);
    }

    private static @Nullable String domain(Section section) {
        String domain = section.string("domain", "").toLowerCase(Locale.ROOT);
        if (domain.isEmpty()) {
            return null;
        }
        if (domain.length() > LONGEST_DOMAIN
                || !DOMAIN.matcher(domain).matches()
                || Authority.isLiteral(domain)) {
            section.problem(
                    "domain",
                    "tls.domain must be a name such as 'mews.test' or 'mews.example.org', got '%s'"
                            .formatted(domain));
            return null;
        }
        return domain;
    }

    private static @Nullable Path file(Section section, String key) {
        String text = section.string(key, "");
        if (text.isEmpty()) {
            return null;
        }
        Path file = Path.of(text);
        if (!file.isAbsolute()) {
            section.problem(key, "tls.%s must be an absolute path, got '%s'".formatted(key, text));
        }
        return file;
    }
}
