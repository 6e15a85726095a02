-- Files that were announced or handed over by URL. `write_key` is in the URL that may write, `id` in
-- the one that reads: who can read cannot write. The bytes lie in a file named by `id`.
CREATE TABLE upload (
    id           text PRIMARY KEY,
    write_key    text        NOT NULL UNIQUE,
    account      text        NOT NULL,
    file_name    text        NOT NULL,
    content_type text        NOT NULL,
    sha256       text,
    size_bytes   bigint,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz
);

CREATE INDEX upload_by_expiry ON upload (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX upload_unfinished ON upload (created_at) WHERE sha256 IS NULL;
