-- What the portal says about itself.

CREATE TABLE account (
    portal_id INTEGER PRIMARY KEY,
    account_type TEXT,
    time_zone TEXT,
    currency TEXT,
    utc_offset_ms INTEGER,
    ui_domain TEXT,
    region TEXT
) STRICT;

CREATE TABLE object_types (
    object_type TEXT PRIMARY KEY COLLATE NOCASE,
    type_id TEXT NOT NULL,
    singular TEXT NOT NULL,
    plural TEXT NOT NULL,
    primary_property TEXT,
    custom INTEGER NOT NULL,
    view_name TEXT NOT NULL,
    picked INTEGER NOT NULL DEFAULT 0, -- 1 once the default picks have been made
    found_to INTEGER,                  -- full text covers ids up to here; null: not begun
    live INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    changes INTEGER NOT NULL DEFAULT 0 -- rows written so far
) STRICT;

CREATE TABLE properties (
    object_type TEXT NOT NULL,
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    type TEXT NOT NULL,
    field_type TEXT NOT NULL,
    group_name TEXT,
    description TEXT,
    display_order INTEGER,
    calculated INTEGER NOT NULL,
    external_options INTEGER NOT NULL,
    has_unique_value INTEGER NOT NULL,
    hidden INTEGER NOT NULL,
    hubspot_defined INTEGER NOT NULL,
    read_only_value INTEGER NOT NULL,
    referenced_object_type TEXT,
    currency_property TEXT,
    show_currency_symbol INTEGER NOT NULL,
    sensitivity TEXT NOT NULL,
    archived INTEGER NOT NULL,
    PRIMARY KEY (object_type, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE property_options (
    object_type TEXT NOT NULL,
    property TEXT NOT NULL,
    value TEXT NOT NULL,
    label TEXT NOT NULL,
    display_order INTEGER,
    hidden INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (object_type, property, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE picks (
    object_type TEXT NOT NULL,
    property TEXT NOT NULL,
    column_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    slot INTEGER, -- its place in the column `picked`; null: read from `properties`
    exposed INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (object_type, property)
) STRICT, WITHOUT ROWID;

CREATE TABLE owners (
    id TEXT PRIMARY KEY,
    email TEXT,
    kind TEXT,
    first_name TEXT,
    last_name TEXT,
    name TEXT GENERATED ALWAYS AS (
        coalesce(nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), email, id)
    ) VIRTUAL,
    user_id INTEGER,
    user_id_including_inactive INTEGER,
    teams TEXT NOT NULL, -- JSON: [{"id", "name", "primary"}]
    archived INTEGER NOT NULL,
    created_at TEXT,
    updated_at TEXT
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT,
    first_name TEXT,
    last_name TEXT,
    role_ids TEXT NOT NULL, -- JSON array of ids
    primary_team_id TEXT,
    secondary_team_ids TEXT NOT NULL,
    super_admin INTEGER NOT NULL,
    archived INTEGER NOT NULL
) STRICT;

CREATE TABLE teams (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    user_ids TEXT NOT NULL, -- JSON array of ids
    secondary_user_ids TEXT NOT NULL,
    archived INTEGER NOT NULL
) STRICT;

CREATE TABLE pipelines (
    object_type TEXT NOT NULL,
    id TEXT NOT NULL,
    label TEXT NOT NULL,
    display_order INTEGER,
    archived INTEGER NOT NULL,
    PRIMARY KEY (object_type, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stages (
    object_type TEXT NOT NULL,
    id TEXT NOT NULL,
    pipeline_id TEXT NOT NULL,
    label TEXT NOT NULL,
    display_order INTEGER,
    metadata TEXT NOT NULL, -- JSON: isClosed, probability, ticketState, …
    archived INTEGER NOT NULL,
    PRIMARY KEY (object_type, id, pipeline_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE schemas (
    object_type_id TEXT PRIMARY KEY,
    object_type TEXT NOT NULL,
    fully_qualified_name TEXT NOT NULL,
    name TEXT NOT NULL,
    singular TEXT,
    plural TEXT,
    primary_display_property TEXT,
    associated_type_ids TEXT NOT NULL, -- JSON array of type ids
    archived INTEGER NOT NULL
) STRICT;

CREATE TABLE association_types (
    from_type TEXT NOT NULL,
    to_type TEXT NOT NULL,
    category TEXT NOT NULL,
    type_id INTEGER NOT NULL,
    label TEXT,
    archived INTEGER NOT NULL,
    PRIMARY KEY (from_type, to_type, category, type_id)
) STRICT, WITHOUT ROWID;

-- Records have a table per object type, made when the type is first seen. What is kept beside them:

CREATE TABLE associations (
    from_type TEXT NOT NULL,
    from_id INTEGER NOT NULL,
    to_type TEXT NOT NULL,
    to_id INTEGER NOT NULL,
    type_id INTEGER NOT NULL,
    category TEXT NOT NULL,
    label TEXT,
    PRIMARY KEY (from_type, from_id, to_type, to_id, type_id, category)
) STRICT, WITHOUT ROWID;

CREATE VIEW links AS
SELECT from_type, from_id, to_type, to_id, type_id, category, label FROM associations
UNION ALL
SELECT to_type, to_id, from_type, from_id, type_id, category, label FROM associations WHERE from_type <> to_type;

CREATE TABLE merged_ids (
    object_type TEXT NOT NULL,
    old_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (object_type, old_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX merged_ids_id ON merged_ids (object_type, id);

CREATE TABLE erased (
    object_type TEXT NOT NULL,
    id INTEGER NOT NULL,
    erased_at TEXT NOT NULL,
    PRIMARY KEY (object_type, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    seq INTEGER PRIMARY KEY,
    object_type TEXT NOT NULL,
    id INTEGER NOT NULL,
    property TEXT NOT NULL,
    old TEXT,
    new TEXT,
    seen_at TEXT NOT NULL
) STRICT;

CREATE INDEX history_record ON history (object_type, id);

CREATE TABLE quarantine (
    object_type TEXT NOT NULL,
    key TEXT NOT NULL, -- the id as it was sent, or a fingerprint of the body where there was none
    id TEXT,
    reason TEXT NOT NULL,
    body TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (object_type, key)
) STRICT, WITHOUT ROWID;

-- How far the copying has come.

CREATE TABLE ranges (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    lo INTEGER NOT NULL,
    hi INTEGER NOT NULL,
    past INTEGER NOT NULL,
    cursor TEXT,
    way TEXT NOT NULL,
    done INTEGER NOT NULL
) STRICT;

CREATE INDEX ranges_stream ON ranges (stream, lo);

CREATE TABLE checkpoints (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    saved_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Live rows that a full listing did not name, until a closer look settles them.
CREATE TABLE suspects (
    object_type TEXT NOT NULL,
    id INTEGER NOT NULL,
    noticed_at TEXT NOT NULL,
    PRIMARY KEY (object_type, id)
) STRICT, WITHOUT ROWID;

-- Linked ids that HubSpot did not answer for in this run.
CREATE TABLE unreachable (
    object_type TEXT NOT NULL,
    id INTEGER NOT NULL,
    noticed_at TEXT NOT NULL,
    PRIMARY KEY (object_type, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    summary TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;

CREATE TABLE run_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    at TEXT NOT NULL,
    level TEXT NOT NULL,
    code TEXT NOT NULL,
    object_type TEXT,
    message TEXT NOT NULL
) STRICT;

CREATE INDEX run_events_run ON run_events (run);
