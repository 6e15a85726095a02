package mews.cli;

/// An app and a path within it, as written on the command line: `app`, `app/path`, and with the own
/// nickname before it `owner/app/path`.
///
/// @param path empty, or begins with a slash
record AppPath(String owner, String alias, String path) {
    static AppPath parse(String text, String nickname, EnvOption env) {
        String rest = text.startsWith("/") ? text.substring(1) : text;
        String owner = nickname;
        if (rest.startsWith(nickname + "/") && rest.length() > nickname.length() + 1) {
            rest = rest.substring(nickname.length() + 1);
        } else if (rest.startsWith("@")) {
            // Somebody else's app.
            int slash = rest.indexOf('/');
            if (slash < 2 || slash == rest.length() - 1) {
                throw Failure.badInput("'%s': write @OWNER/APP[/path]", text);
            }
            owner = rest.substring(1, slash);
            rest = rest.substring(slash + 1);
        }
        int slash = rest.indexOf('/');
        String app = slash < 0 ? rest : rest.substring(0, slash);
        if (app.isEmpty()) {
            throw Failure.badInput("'%s' names no app; write APP or APP/path", text);
        }
        return new AppPath(owner, env.alias(app), slash < 0 ? "" : rest.substring(slash));
    }

    @Override
    public String toString() {
        return owner + "/" + alias + path;
    }

    /// Without the path, as requests of the queue are addressed. protocol: data 2
    String app() {
        return owner + "/" + alias;
    }
}
