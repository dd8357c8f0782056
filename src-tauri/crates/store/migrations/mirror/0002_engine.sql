-- Found and not yet read, or to be read again: a record, or its links to another type.
CREATE TABLE queue (
    object_type TEXT NOT NULL,
    id INTEGER NOT NULL,
    what TEXT NOT NULL, -- 'record', or the link stream: 'links:contacts>companies'
    reason TEXT,
    queued_at TEXT NOT NULL,
    PRIMARY KEY (object_type, id, what)
) STRICT, WITHOUT ROWID;

-- What was proved of each object type, and when.

CREATE TABLE proofs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    object_type TEXT NOT NULL,
    finding TEXT NOT NULL, -- 'counts', 'ids' or 'values'
    outcome TEXT NOT NULL, -- 'equal', 'repaired', 'different' or 'unproven'
    compared INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    extra INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    repaired INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    detail TEXT NOT NULL, -- JSON
    proved_at TEXT NOT NULL
) STRICT;

CREATE INDEX proofs_object ON proofs (object_type, finding, id);

-- One row per run and stream.

CREATE TABLE run_streams (
    run INTEGER NOT NULL,
    stream TEXT NOT NULL,
    state TEXT NOT NULL,
    way TEXT,
    found INTEGER,
    stored INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    reason TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    PRIMARY KEY (run, stream)
) STRICT, WITHOUT ROWID;

-- Records that the connection's filters and exclusions leave out of what is derived; the copy keeps them.

CREATE TABLE exclusions (
    object_type TEXT NOT NULL,
    id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (object_type, id)
) STRICT, WITHOUT ROWID;

-- Which properties are asked for, and what their values look like.

ALTER TABLE properties ADD COLUMN stored INTEGER NOT NULL DEFAULT 1;

CREATE TABLE property_statistics (
    object_type TEXT NOT NULL,
    property TEXT NOT NULL,
    filled INTEGER NOT NULL,
    of INTEGER NOT NULL,
    distinct_values INTEGER,
    samples TEXT NOT NULL, -- JSON array of texts
    counted_at TEXT NOT NULL,
    PRIMARY KEY (object_type, property)
) STRICT, WITHOUT ROWID;
