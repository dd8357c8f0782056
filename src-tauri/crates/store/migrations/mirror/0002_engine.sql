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
    found_at TEXT, -- when it last found something; null: nothing
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    PRIMARY KEY (run, stream)
) STRICT, WITHOUT ROWID;

-- Records that the connection's filters and exclusions leave out of what is derived; the copy keeps them.

CREATE TABLE exclusions (
    object_type TEXT NOT NULL,
    id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (object_type, id)
) STRICT, WITHOUT ROWID;

-- Which properties are asked for and kept, which of them agents may see, and what their values look like.

ALTER TABLE properties ADD COLUMN stored INTEGER NOT NULL DEFAULT 1;
ALTER TABLE properties ADD COLUMN exposed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE properties ADD COLUMN refill INTEGER NOT NULL DEFAULT 0; -- 1: old records have yet to get its values
UPDATE properties SET stored = 0, exposed = 0 WHERE sensitivity <> 'non_sensitive';
UPDATE properties SET exposed = p.exposed FROM picks p
WHERE p.object_type = properties.object_type AND p.property = properties.name;
ALTER TABLE picks DROP COLUMN exposed;

CREATE TABLE property_groups (
    object_type TEXT NOT NULL,
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    display_order INTEGER,
    archived INTEGER NOT NULL,
    PRIMARY KEY (object_type, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE property_statistics (
    object_type TEXT NOT NULL,
    property TEXT NOT NULL,
    filled INTEGER NOT NULL,
    of INTEGER NOT NULL, -- rows looked at: all live ones, or a sample spread over them
    distinct_values INTEGER, -- null: more than are told apart
    samples TEXT NOT NULL, -- JSON array of {"value", "count"}
    counted_at TEXT NOT NULL,
    PRIMARY KEY (object_type, property)
) STRICT, WITHOUT ROWID;

-- "What changed since Tuesday" is one range of this index.
CREATE INDEX history_seen ON history (seen_at);
