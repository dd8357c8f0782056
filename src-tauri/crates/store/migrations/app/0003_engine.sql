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
