CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    portal_id INTEGER,
    account_type TEXT,
    time_zone TEXT,
    currency TEXT,
    utc_offset_ms INTEGER,
    ui_domain TEXT,
    region TEXT,
    granted_scopes TEXT,
    key_hint TEXT,
    since TEXT NOT NULL,
    paused_at TEXT,
    error_code TEXT,
    error_message TEXT,
    error_at TEXT,
    created_at TEXT NOT NULL,
    disconnected_at TEXT
) STRICT;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
