-- Revisions never change, but for `given_up`. What may carry tokens (environment, callable, source
-- code) is sealed by the server before it comes here.
CREATE TABLE revision (
    id          uuid PRIMARY KEY,
    owner       text        NOT NULL,
    alias       text        NOT NULL,
    environment bytea       NOT NULL,
    callable    bytea       NOT NULL,
    source_code bytea,
    settings    text        NOT NULL,
    metadata    text        NOT NULL,
    image       text        NOT NULL,
    ephemeral   boolean     NOT NULL,
    given_up    text,
    created_at  timestamptz NOT NULL
);

CREATE INDEX revision_by_app ON revision (owner, alias, id);

-- `next` comes up and then takes over, bringing `next_auth` and, when `next_reset`, all settings of
-- its revision; until then callers meet `serving` with `settings`.
CREATE TABLE alias (
    owner      text        NOT NULL,
    alias      text        NOT NULL,
    auth       text        NOT NULL,
    serving    uuid        NOT NULL REFERENCES revision (id),
    next       uuid        REFERENCES revision (id),
    next_auth  text,
    next_reset boolean     NOT NULL,
    strategy   text        NOT NULL,
    settings   text        NOT NULL,
    ephemeral  boolean     NOT NULL,
    generation integer     NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (owner, alias)
);

CREATE INDEX alias_serving ON alias (serving);
CREATE INDEX alias_next ON alias (next);
