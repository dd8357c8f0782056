ALTER TABLE connections ADD COLUMN key_set_at TEXT;
ALTER TABLE connections ADD COLUMN client_id TEXT;
ALTER TABLE connections ADD COLUMN required_scopes TEXT;
ALTER TABLE connections ADD COLUMN conditional_scopes TEXT;
ALTER TABLE connections ADD COLUMN optional_scopes TEXT;
ALTER TABLE connections ADD COLUMN redirect_port INTEGER;
