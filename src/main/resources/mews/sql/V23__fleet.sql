-- Runners, live and ended. A row without stopped_at belongs to a process of the server that wrote it.
CREATE TABLE runner (
  id             uuid PRIMARY KEY,
  account        text NOT NULL,
  alias          text NOT NULL,
  revision       uuid NOT NULL,
  generation     integer NOT NULL,
  machine_type   text NOT NULL,
  slots          integer NOT NULL,
  isolation      text NOT NULL,
  created_at     timestamptz NOT NULL,
  setup_at       timestamptz,
  ready_at       timestamptz,
  draining_at    timestamptz,
  terminating_at timestamptz,
  stopped_at     timestamptz,
  stop_code      text,
  stop_detail    text,
  -- 128 + signal if it was killed, -1 if it was never seen to end
  exit_code      integer,
  served         boolean NOT NULL DEFAULT false
);

CREATE INDEX runner_ended ON runner (account, stopped_at DESC) WHERE stopped_at IS NOT NULL;
CREATE INDEX runner_open ON runner (id) WHERE stopped_at IS NULL;
