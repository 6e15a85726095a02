-- What requirements came to. `wanted` is the key of an install step as it was asked for, `layer` that
-- of the packages it was resolved to.
CREATE TABLE resolution (
    wanted      text PRIMARY KEY,
    layer       text        NOT NULL,
    resolved_at timestamptz NOT NULL
);

CREATE INDEX resolution_layer ON resolution (layer);

-- Kept longer than the layer itself, so that it can be made anew. Sealed, since a URL may hold a token.
CREATE TABLE layer_lock (
    layer   text PRIMARY KEY,
    lock    bytea       NOT NULL,
    used_at timestamptz NOT NULL
);
