-- Keys for programs: API keys of an agency's other software, and public keys of the widget on its web pages.

CREATE TABLE api_keys (
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    label        text NOT NULL,
    -- the beginning of the key, for people to recognise it by
    prefix       text NOT NULL,
    -- SHA-256 of the key. The key is 256 random bits, so there is nothing to guess that a slow hash would protect
    hash         bytea NOT NULL,
    scopes       text[] NOT NULL,
    expires_at   timestamptz NOT NULL,
    -- written at most once a minute
    last_used_at timestamptz,
    revoked_at   timestamptz,
    -- in whose name it acts: it can do no more than this person may, and ends with their account
    created_by   uuid NOT NULL REFERENCES users,
    created_at   timestamptz NOT NULL,
    CONSTRAINT api_keys_hash_key UNIQUE (hash),
    CONSTRAINT api_keys_hash_size CHECK (octet_length(hash) = 32),
    CONSTRAINT api_keys_scopes_known CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY[
        'leads:read', 'leads:write', 'properties:read', 'properties:write', 'tasks:read', 'tasks:write', 'drafts:read',
        'drafts:write', 'viewings:read', 'viewings:write', 'intake:read', 'intake:write'])
);
CREATE INDEX api_keys_page ON api_keys (tenant_id, created_at DESC, id DESC);
SELECT fence_table('api_keys', 'SELECT, INSERT');
GRANT UPDATE (revoked_at) ON api_keys TO immivo_app;
SELECT audit_table('api_keys', '{hash}');
-- Whoever comes with a key has no tenant yet.
CREATE POLICY platform_read ON api_keys FOR SELECT TO immivo_platform USING (true);
CREATE POLICY platform_use ON api_keys FOR UPDATE TO immivo_platform USING (true);
GRANT SELECT, UPDATE (last_used_at) ON api_keys TO immivo_platform;

CREATE TABLE widget_keys (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- stands in the agency's web pages for everybody to read
    public_id  text NOT NULL,
    label      text NOT NULL,
    -- as browsers write them in `Origin` (RFC 6454 §6.2)
    origins    text[] NOT NULL,
    active     boolean NOT NULL DEFAULT true,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT widget_keys_public_id_key UNIQUE (public_id),
    CONSTRAINT widget_keys_origins_some CHECK (cardinality(origins) BETWEEN 1 AND 20)
);
CREATE INDEX widget_keys_page ON widget_keys (tenant_id, created_at DESC, id DESC);
SELECT fence_table('widget_keys', 'SELECT, INSERT, UPDATE, DELETE');
SELECT audit_table('widget_keys');
-- A browser that shows the widget has no tenant either.
CREATE POLICY platform ON widget_keys FOR SELECT TO immivo_platform USING (true);
GRANT SELECT ON widget_keys TO immivo_platform;
