package mews.deploy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import mews.model.Refusal;
import mews.sql.Database;
import org.jdbi.v3.core.mapper.RowMapper;

/// Workflows of accounts: graphs of calls that fal's clients keep on a server by name. Kept as they
/// came; nothing here looks into them. protocol: control 3.6
public final class Workflows {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final int LONGEST_TITLE = 256;
    private static final int MOST = 1000;

    private static final String COLUMNS = "owner, name, title, contents, is_public, created_at";

    private static final RowMapper<Workflow> ROW =
            (row, context) ->
                    new Workflow(
                            row.getString("owner"),
                            row.getString("name"),
                            row.getString("title"),
                            row.getString("contents"),
                            row.getBoolean("is_public"),
                            row.getTimestamp("created_at").toInstant());

    /// @param contents JSON
    /// @param isPublic whether other accounts may read it
    public record Workflow(
            String owner,
            String name,
            String title,
            String contents,
            boolean isPublic,
            Instant createdAt) {
        /// @throws Refusal if the name or the title is none
        public Workflow {
            if (!NAME.matcher(name).matches()) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "a workflow's name has 1 to 128 letters, digits, '.', '_' and '-', got '%s'"
                                .formatted(name.length() > 200 ? name.substring(0, 200) : name));
            }
            if (title.length() > LONGEST_TITLE || title.indexOf('\0') >= 0) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "a workflow's title has at most %d characters and no NUL"
                                .formatted(LONGEST_TITLE));
            }
        }
    }

    private final Database database;

    public Workflows(Database database) {
        this.database = database;
    }

    /// @throws Refusal if the owner has one of that name, or too many
    public void create(Workflow made) {
        if (count(made.owner()) >= MOST) {
            throw new Refusal(
                    Refusal.Kind.EXHAUSTED,
                    "an account keeps at most %d workflows; delete some".formatted(MOST));
        }
        int created =
                database.update(
                        "insert into workflow ("
                                + COLUMNS
                                + ") values (?, ?, ?, ?, ?, ?) on conflict do nothing",
                        made.owner(),
                        made.name(),
                        made.title(),
                        made.contents(),
                        made.isPublic(),
                        made.createdAt());
        if (created == 0) {
            throw taken(made.name());
        }
    }

    public Optional<Workflow> find(String owner, String name) {
        if (!NAME.matcher(owner).matches() || !NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        return database.first(
                "select " + COLUMNS + " from workflow where owner = ? and name = ?",
                ROW,
                owner,
                name);
    }

    /// @throws Refusal if the new name is another's, or it is gone
    public void change(Workflow before, Workflow after) {
        int changed =
                database.update(
                        """
                        update workflow set name = ?, title = ?, contents = ?, is_public = ?
                        where owner = ? and name = ? and (name = ? or not exists
                            (select from workflow where owner = ? and name = ?))
                        """,
                        after.name(),
                        after.title(),
                        after.contents(),
                        after.isPublic(),
                        before.owner(),
                        before.name(),
                        after.name(),
                        after.owner(),
                        after.name());
        if (changed > 0) {
            return;
        }
        if (find(before.owner(), before.name()).isPresent()) {
            throw taken(after.name());
        }
        throw new Refusal(
                Refusal.Kind.NOT_FOUND,
                "there is no workflow '%s/%s' any more".formatted(before.owner(), before.name()));
    }

    public void delete(Workflow workflow) {
        database.update(
                "delete from workflow where owner = ? and name = ?",
                workflow.owner(),
                workflow.name());
    }

    /// The newest first.
    ///
    /// @param page from 1
    public List<Workflow> page(String owner, int page, int size) {
        return database.list(
                "select "
                        + COLUMNS
                        + " from workflow where owner = ? order by created_at desc, name limit ? offset ?",
                ROW,
                owner,
                size,
                (long) (page - 1) * size);
    }

    public int count(String owner) {
        return database.first(
                        "select count(*) from workflow where owner = ?",
                        (row, context) -> row.getInt(1),
                        owner)
                .orElse(0);
    }

    private static Refusal taken(String name) {
        return new Refusal(
                Refusal.Kind.ALREADY_EXISTS,
                "there is a workflow '%s' already; change it by PATCH, or delete it first"
                        .formatted(name));
    }
}
