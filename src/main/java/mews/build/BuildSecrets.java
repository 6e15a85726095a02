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
import mews.base.Masker;
import mews.model.Refusal;

/// Fills `${NAME}` in requirements from the account's secrets, at build time only, and hides what
/// it filled in from everything that is said. protocol: platform 9
final class BuildSecrets {
    private static final Pattern NAME = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

    private final Function<String, Optional<String>> find;
    private final Map<String, String> used = new HashMap<>();

    BuildSecrets(Function<String, Optional<String>> find) {
        this.find = find;
    }

    /// @throws Refusal naming a secret that is not there
    String fill(String text) {
        Matcher matcher = NAME.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(filled, Matcher.quoteReplacement(value(matcher.group(1))));
        }
        return matcher.appendTail(filled).toString();
    }

    /// Hides the values in any form a build may print them in.
    Masker masker() {
        List<String> forms = new ArrayList<>();
        for (String value : used.values()) {
            forms.add(value);
            forms.add(URLEncoder.encode(value, StandardCharsets.UTF_8));
            forms.add(Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
        }
        return new Masker(forms);
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
