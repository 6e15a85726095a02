-- `id` orders lines of the same instant as they were taken in.
CREATE TABLE log_line (
    id       bigint GENERATED ALWAYS AS IDENTITY,
    at       timestamptz NOT NULL,
    level    text        NOT NULL,
    source   text        NOT NULL,
    account  text        NOT NULL,
    owner    text,
    alias    text,
    revision uuid,
    runner   uuid,
    request  uuid,
    message  text        NOT NULL
);

CREATE INDEX log_line_by_account ON log_line (account, at, id);
CREATE INDEX log_line_by_app ON log_line (owner, alias, at, id) WHERE owner IS NOT NULL;
CREATE INDEX log_line_by_runner ON log_line (runner, at, id) WHERE runner IS NOT NULL;
CREATE INDEX log_line_by_request ON log_line (request, at, id) WHERE request IS NOT NULL;
CREATE INDEX log_line_by_age ON log_line USING brin (at);
