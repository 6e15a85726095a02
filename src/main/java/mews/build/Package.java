package mews.build;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.model.Refusal;

/// One package of an install step, in the standard's spelling.
///
/// @param name with extras; empty for a bare URL
/// @param source the URL; empty for what an index has
/// @param marker condition, without `;`, may be empty
/// @param text the whole requirement, if it is not a URL
public record Package(String name, Optional<SourceUrl> source, String marker, String text) {
    private static final Pattern DIRECT =
            Pattern.compile("(?<name>[A-Za-z0-9._-]+(?:\\s*\\[[^\\]]*])?)\\s*@\\s*(?<url>\\S.*)");
    private static final Pattern BARE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");
    private static final Pattern EGG =
            Pattern.compile("(?:^|&)egg=(?<name>[A-Za-z0-9._-]+(?:\\[[^\\]]*])?)[^&]*");
    private static final Pattern WHEEL =
            Pattern.compile("[^-]+-[^-]+(-\\d[^-]*)?-[^-]+-[^-]+-[^-]+\\.whl");

    /// @param entry one requirement or URL
    /// @throws Refusal if it can only be meant for the developer's machine, or names a wheel by no
    ///   wheel's name
    public static Package parse(String entry) {
        Matcher direct = DIRECT.matcher(entry);
        boolean named = direct.matches();
        String url = named ? direct.group("url") : entry;
        if (!BARE.matcher(url).matches()) {
            if (entry.contains("${")) {
                // Looked at again when the secret is filled in.
                return new Package("", Optional.empty(), "", entry);
            }
            if (named || entry.matches("[.~/].*") || entry.matches("[A-Za-z]:\\\\.*")) {
                throw localOnly(entry);
            }
            return new Package("", Optional.empty(), "", entry);
        }
        int mark = url.indexOf(" ;");
        String marker = mark < 0 ? "" : url.substring(mark + 2).strip();
        SourceUrl source =
                SourceUrl.parse(mark < 0 ? url : url.substring(0, mark))
                        .orElseThrow(() -> localOnly(entry));
        String name = named ? direct.group("name").replaceAll("\\s", "") : "";
        return checked(name, source, marker);
    }

    private static Package checked(String given, SourceUrl source, String marker) {
        if (source.scheme().equals("file") || source.host().isEmpty()) {
            throw localOnly(source.toString());
        }
        String name = given;
        SourceUrl plain = source;
        Matcher egg = EGG.matcher(source.fragment());
        if (egg.find()) {
            name = name.isEmpty() ? egg.group("name") : name;
            plain = source.withFragment(egg.replaceAll("").replaceAll("^&", ""));
        }
        String file = source.fileName();
        if (!source.isGit() && file.endsWith(".whl") && !WHEEL.matcher(file).matches()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "requirement '%s': '%s' is no file name of a wheel: it must tell what the wheel is for, as in %s-py3-none-any.whl (name, version, Python, ABI, platform); rename the file where it is stored"
                            .formatted(
                                    UrlMask.forPeople(source.toString()),
                                    file,
                                    file.replaceAll("\\.whl$", "")));
        }
        return new Package(name, Optional.of(plain), marker, "");
    }

    public Package withSource(SourceUrl other) {
        return new Package(name, Optional.of(other), marker, text);
    }

    /// As a requirements file has it.
    @Override
    public String toString() {
        if (source.isEmpty()) {
            return text;
        }
        return (name.isEmpty() ? "" : name + " @ ")
                + source.get()
                + (marker.isEmpty() ? "" : " ; " + marker);
    }

    private static Refusal localOnly(String entry) {
        return new Refusal(
                Refusal.Kind.INVALID,
                "requirement '%s' names a place on the developer's machine, which the builder does not see; 'mews' packages a local project that has a pyproject.toml, relative to requirements_context_dir"
                        .formatted(UrlMask.forPeople(entry)));
    }
}
