CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind IN ('watched', 'batch')),
  name         TEXT NOT NULL,
  prefix       TEXT NOT NULL,
  include      TEXT NOT NULL,
  exclude      TEXT NOT NULL,
  changed      TEXT NOT NULL CHECK (changed IN ('new-version', 'keep-first')),
  paused       INTEGER NOT NULL DEFAULT 0,
  away         TEXT,
  notices      TEXT NOT NULL DEFAULT '[]',
  created_ms   INTEGER NOT NULL,
  scanned_ms   INTEGER,
  cancelled_ms INTEGER,
  removed_ms   INTEGER
) STRICT;

CREATE TABLE roots (
  id        INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources (id),
  path      BLOB NOT NULL,
  label     TEXT NOT NULL,
  is_folder INTEGER NOT NULL,
  volume    TEXT,
  UNIQUE (source_id, path)
) STRICT;

-- One row: one version of one path in one source.
CREATE TABLE files (
  id           INTEGER PRIMARY KEY,
  file_id      TEXT NOT NULL UNIQUE,
  source_id    INTEGER NOT NULL REFERENCES sources (id),
  local        BLOB NOT NULL,
  path         TEXT NOT NULL,
  size         INTEGER NOT NULL,
  mtime_ns     INTEGER NOT NULL,
  ctime_ns     INTEGER,
  state        TEXT NOT NULL CHECK (state IN ('settling', 'queued', 'uploading', 'uploaded', 'confirmed', 'waiting', 'failed', 'skipped', 'missing')),
  code         TEXT,
  reason       TEXT,
  hint         TEXT,
  due_ms       INTEGER,
  still_ms     INTEGER,
  sha256       TEXT,
  key          TEXT,
  etag         TEXT,
  media        TEXT,
  attempts     INTEGER NOT NULL DEFAULT 0,
  -- A worker had it once: something of it may lie in S3 under its file_id, so that name stays with these bytes.
  claimed      INTEGER NOT NULL DEFAULT 0,
  repeats      INTEGER NOT NULL DEFAULT 0,
  current      INTEGER NOT NULL DEFAULT 1,
  -- Whether lists show it, by the rule that the totals count by; kept by triggers. A column, so that indexes can hold it
  -- without being written at each change of state.
  shown        INTEGER NOT NULL DEFAULT 1,
  supersedes   TEXT,
  created_ms   INTEGER NOT NULL,
  changed_ms   INTEGER NOT NULL,
  uploaded_ms  INTEGER,
  confirmed_ms INTEGER
) STRICT;

CREATE UNIQUE INDEX files_by_place ON files (source_id, local) WHERE current = 1;
CREATE INDEX files_by_local ON files (local);
-- For a file that vanished: does it lie elsewhere now?
CREATE INDEX files_by_time ON files (mtime_ns, size);
-- What there is to do, by when; finished rows (`due_ms` is NULL) do not burden it.
CREATE INDEX files_by_due ON files (state, due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX files_in_queue ON files (source_id, due_ms) WHERE state = 'queued';
CREATE INDEX files_by_source ON files (source_id, state);
-- For pages: each order's index holds all that a filter asks, so that a page far down is found without reading rows.
CREATE INDEX files_by_state ON files (state, id, source_id, shown);
CREATE INDEX files_by_seen ON files (id, source_id, shown);
CREATE INDEX files_by_path ON files (path COLLATE NOCASE, id, source_id, shown);
CREATE INDEX files_by_size ON files (size, id, source_id, shown);
CREATE INDEX files_by_change ON files (changed_ms, id, source_id, shown);

CREATE TABLE attempts (
  id          INTEGER PRIMARY KEY,
  file        INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  step        TEXT NOT NULL CHECK (step IN ('upload', 'confirm')),
  outcome     TEXT NOT NULL,
  detail      TEXT
) STRICT;

CREATE INDEX attempts_by_file ON attempts (file);

CREATE TABLE outbox (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  file  INTEGER NOT NULL,
  was   TEXT,
  now   TEXT,
  at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE totals (
  source_id INTEGER NOT NULL,
  state     TEXT NOT NULL,
  files     INTEGER NOT NULL,
  bytes     INTEGER NOT NULL,
  PRIMARY KEY (source_id, state)
) STRICT, WITHOUT ROWID;

-- Totals and outbox follow the files in the same transaction, whoever writes.
-- Counted: the latest version of a path, and older ones that are still on their way.
CREATE TRIGGER files_inserted AFTER INSERT ON files BEGIN
  INSERT INTO outbox (file, was, now, at_ms) VALUES (NEW.id, NULL, NEW.state, NEW.changed_ms);
  INSERT INTO totals (source_id, state, files, bytes)
    SELECT NEW.source_id, NEW.state, 1, NEW.size WHERE NEW.current = 1 OR NEW.state IN ('queued', 'uploading', 'uploaded', 'waiting', 'failed')
    ON CONFLICT (source_id, state) DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER files_updated AFTER UPDATE OF state, size, current, source_id ON files BEGIN
  INSERT INTO outbox (file, was, now, at_ms) VALUES (NEW.id, OLD.state, NEW.state, NEW.changed_ms);
  UPDATE totals SET files = files - 1, bytes = bytes - OLD.size
    WHERE source_id = OLD.source_id AND state = OLD.state AND (OLD.current = 1 OR OLD.state IN ('queued', 'uploading', 'uploaded', 'waiting', 'failed'));
  INSERT INTO totals (source_id, state, files, bytes)
    SELECT NEW.source_id, NEW.state, 1, NEW.size WHERE NEW.current = 1 OR NEW.state IN ('queued', 'uploading', 'uploaded', 'waiting', 'failed')
    ON CONFLICT (source_id, state) DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER files_deleted AFTER DELETE ON files BEGIN
  INSERT INTO outbox (file, was, now, at_ms) VALUES (OLD.id, OLD.state, NULL, OLD.changed_ms);
  UPDATE totals SET files = files - 1, bytes = bytes - OLD.size
    WHERE source_id = OLD.source_id AND state = OLD.state AND (OLD.current = 1 OR OLD.state IN ('queued', 'uploading', 'uploaded', 'waiting', 'failed'));
END;

CREATE TRIGGER files_shown_from_the_start AFTER INSERT ON files WHEN NEW.shown <> (NEW.current = 1 OR NEW.state IN ('queued', 'uploading', 'uploaded', 'waiting', 'failed')) BEGIN
  UPDATE files SET shown = 1 - NEW.shown WHERE id = NEW.id;
END;

CREATE TRIGGER files_shown AFTER UPDATE OF state, current ON files WHEN NEW.shown <> (NEW.current = 1 OR NEW.state IN ('queued', 'uploading', 'uploaded', 'waiting', 'failed')) BEGIN
  UPDATE files SET shown = 1 - NEW.shown WHERE id = NEW.id;
END;
