-- Whose key it is: the account's own user where null. Login tokens are keys that end.
ALTER TABLE api_key ADD COLUMN user_name text REFERENCES account (nickname);
ALTER TABLE api_key ADD COLUMN expires_at timestamptz;

CREATE TABLE member (
    team       text        NOT NULL REFERENCES account (nickname),
    user_name  text        NOT NULL REFERENCES account (nickname),
    role       text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (team, user_name)
);
