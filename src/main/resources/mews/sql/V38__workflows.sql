-- Graphs of calls that clients keep here by name; stored as they came.
create table workflow (
    owner      text not null,
    name       text not null,
    title      text not null,
    -- JSON
    contents   text not null,
    is_public  boolean not null,
    created_at timestamptz not null,
    primary key (owner, name)
);
