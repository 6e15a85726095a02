CREATE TABLE account (
    nickname   text PRIMARY KEY,
    id         text        NOT NULL UNIQUE,
    full_name  text        NOT NULL,
    personal   boolean     NOT NULL,
    created_at timestamptz NOT NULL
);

-- Named environments; `main` comes with its account.
CREATE TABLE environment (
    account     text        NOT NULL REFERENCES account (nickname),
    name        text        NOT NULL,
    description text        NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (account, name)
);

-- `hash` is SHA-256 of the secret half, which is kept nowhere.
CREATE TABLE api_key (
    id          text PRIMARY KEY,
    account     text        NOT NULL REFERENCES account (nickname),
    scope       text        NOT NULL,
    description text        NOT NULL,
    hash        bytea       NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE INDEX api_key_by_account ON api_key (account, id);

-- `sealed` can be opened with the sealing key only. `exposed` null: the account's default.
CREATE TABLE secret (
    account     text        NOT NULL,
    environment text        NOT NULL,
    name        text        NOT NULL,
    sealed      bytea       NOT NULL,
    exposed     boolean,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (account, environment, name),
    FOREIGN KEY (account, environment) REFERENCES environment (account, name) ON DELETE CASCADE
);
