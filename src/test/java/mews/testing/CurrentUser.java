package mews.testing;

/// Who runs the tests.
public final class CurrentUser {
    private CurrentUser() {}

    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
