-- How a runner's process came to be, `plain` or `forked`; empty if it never was, or ended with its server.
ALTER TABLE runner ADD COLUMN started text NOT NULL DEFAULT '';
