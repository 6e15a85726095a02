CREATE TABLE fact (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL,
    subject    text        NOT NULL,
    subject_id text        NOT NULL,
    owner      text,
    alias      text,
    event      text        NOT NULL,
    details    jsonb       NOT NULL
);

CREATE INDEX fact_by_subject ON fact (subject, subject_id, at, id);
CREATE INDEX fact_by_age ON fact USING brin (at);
