-- Queued requests. state: 0 in queue, 1 in progress, 2 completed.
create table request (
    id               uuid primary key,
    -- Order within a class; kept over retries, so that a retried request is at the head again.
    seq              bigint generated always as identity,
    owner            text not null,
    alias            text not null,
    -- 0 normal, 1 low
    priority         smallint not null,
    state            smallint not null default 0,
    -- Grows with every lease and every lease taken away; a completion must name the present one.
    token            bigint not null default 0,
    attempts         integer not null default 0,
    -- Spent retries by condition, such as {"server_error": 2}.
    spent            text not null default '{}',
    not_before       timestamptz not null,
    start_deadline   timestamptz,
    cancel_requested boolean not null default false,
    method           text not null,
    path             text not null,
    -- Sealed: callers' headers carry tokens.
    headers          bytea not null,
    -- Null when in a file, or when it may not be kept after completion.
    body             bytea,
    body_in_file     boolean not null,
    caller           text not null,
    no_retry         boolean not null,
    retries          text,
    hint             text,
    webhook          text,
    store_payload    boolean not null,
    submitted_at     timestamptz not null,
    runner           uuid,
    leased_at        timestamptz,
    finished_at      timestamptz,
    inference_micros bigint,
    status           integer,
    result_headers   bytea,
    result_body      bytea,
    -- Name of the file that holds the result.
    result_file      text,
    error            text,
    detail           text,
    expires_at       timestamptz
);

-- Payloads are mostly compressed already, and compressing costs more than the disk it saves.
alter table request alter column body set storage external;
alter table request alter column result_body set storage external;

create index request_waiting on request (owner, alias, priority, seq) where state = 0;
create index request_start_deadline on request (start_deadline)
    where state = 0 and start_deadline is not null;
create index request_leased on request (id) where state = 1;
create index request_expires on request (expires_at) where state = 2;
-- Rows change state three times and leave the partial indexes; keep those short.
alter table request set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
