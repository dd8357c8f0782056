-- Troubles stay until they are over, then say when.
CREATE TABLE persistent_errors (
    connection TEXT NOT NULL,
    code TEXT NOT NULL,
    subject TEXT NOT NULL, -- an object type, or empty: the whole connection
    message TEXT NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    count INTEGER NOT NULL,
    resolved_at TEXT,
    PRIMARY KEY (connection, code, subject)
) STRICT, WITHOUT ROWID;

-- What a person chose for a connection in place of the defaults; the keys and their types are those of `operations`.
CREATE TABLE connection_settings (
    connection TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (connection, key)
) STRICT, WITHOUT ROWID;

-- What a connection's schedule waits for, over a restart too.
CREATE TABLE schedules (
    connection TEXT PRIMARY KEY,
    paused_until TEXT, -- null: until somebody resumes
    resumes_at TEXT    -- when the daily limit is lifted
) STRICT, WITHOUT ROWID;
