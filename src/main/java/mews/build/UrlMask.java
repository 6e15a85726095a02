package mews.build;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Takes credentials out of URLs in text: for keys, where nothing secret may stay, and for people.
public final class UrlMask {
    private static final Pattern USER = Pattern.compile("(?<=://)[^/\\s'\"`]+@");
    private static final Pattern QUERY = Pattern.compile("(\\w+://[^\\s?#'\"`]+)\\?[^\\s#'\"`]*");

    private UrlMask() {}

    /// For people: what was there is seen, not its value.
    public static String forPeople(String text) {
        Matcher users = USER.matcher(text);
        return QUERY.matcher(users.replaceAll("****@")).replaceAll("$1?****");
    }

    /// For keys: the same content behind another token or a fresh signature is the same.
    static String forKey(String text) {
        Matcher users = USER.matcher(text);
        return QUERY.matcher(users.replaceAll("")).replaceAll("$1");
    }
}
