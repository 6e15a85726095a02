-- Which runners an app had at some time.
CREATE INDEX runner_by_app ON runner (account, alias, created_at);
