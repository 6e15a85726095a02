package mews.build;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mews.base.Masker;
import mews.model.Refusal;

/// Fills `${NAME}` in requirements from the account's secrets, at build time only, and hides what
/// it filled in from everything that is said. protocol: platform 9
public final class BuildSecrets {
    private static final Pattern NAME = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

    private static final Pattern SIGN_IN = Pattern.compile("://[^/]*$");
    private static final Pattern ENCODED = Pattern.compile("(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*");

    private final Function<String, Optional<String>> find;
    private final Map<String, String> used = new HashMap<>();

    public BuildSecrets(Function<String, Optional<String>> find) {
        this.find = find;
    }

    /// A value that stands before the `@` of a URL is percent-encoded there, unless it is already.
    ///
    /// @throws Refusal naming a secret that is not there
    public String fill(String text) {
        Matcher matcher = NAME.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            String value = value(matcher.group(1));
            boolean signIn =
                    SIGN_IN.matcher(text.substring(0, matcher.start())).find()
                            && text.substring(matcher.end()).matches("[^/]*@.*");
            matcher.appendReplacement(
                    filled, Matcher.quoteReplacement(signIn ? encoded(value) : value));
        }
        return matcher.appendTail(filled).toString();
    }

    /// Hides the values in any form a build may print them in.
    ///
    /// @param more what else is confidential
    public Masker masker(List<String> more) {
        List<String> forms = new ArrayList<>();
        for (String value : Stream.concat(used.values().stream(), more.stream()).toList()) {
            forms.add(value);
            forms.add(URLEncoder.encode(value, StandardCharsets.UTF_8));
            forms.add(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
            forms.add(Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
        }
        return new Masker(forms);
    }

    private static String encoded(String value) {
        return ENCODED.matcher(value).matches()
                ? value
                : URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private String value(String name) {
        return used.computeIfAbsent(
                name,
                unknown ->
                        find.apply(unknown)
                                .orElseThrow(() ->
                                        new Refusal(
                                                Refusal.Kind.INVALID,
                                                ("requirements use ${%s}, but there is no secret of that name here;"
                                                                + " set it with `mews secrets set %s=…`")
                                                        .formatted(unknown, unknown))));
    }
}
