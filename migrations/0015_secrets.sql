-- Secrets of tenants (passwords, tokens), sealed by the program before they come here, and the keys that seal them.
--
-- What is sealed opens only under its tenant, table, column and name (crates/envelope), so a value that is copied to
-- another row is worthless there. Keys are kept wrapped: by a key file in development, by AWS KMS in production.

CREATE TABLE data_keys (
    id         uuid PRIMARY KEY,
    -- what wrapped it: 'local-file', or the ARN of the KMS key
    wrapped_by text NOT NULL,
    wrapped    bytea NOT NULL,
    -- CURRENT seals and opens; PREVIOUS opens; RETIRED has no row left and gets none (it stays for restored backups)
    state      text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT data_keys_state_known CHECK (state IN ('CURRENT', 'PREVIOUS', 'RETIRED'))
);
CREATE UNIQUE INDEX data_keys_one_current ON data_keys (state) WHERE state = 'CURRENT';
-- Keys are nobody's in particular: only the platform's role reads them. They are never removed.
GRANT SELECT, INSERT, UPDATE (state) ON data_keys TO immivo_platform;

CREATE TABLE secrets (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    name       text NOT NULL,
    sealed     bytea NOT NULL,
    -- the key `sealed` names; kept apart so that a rotation finds what is left to do
    key_id     uuid NOT NULL REFERENCES data_keys,
    -- grows when the secret changes, not when a rotation seals the same secret anew
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid NOT NULL REFERENCES users,
    CONSTRAINT secrets_name_key UNIQUE (tenant_id, name),
    CONSTRAINT secrets_name_shape CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    CONSTRAINT secrets_size CHECK (octet_length(sealed) <= 16384)
);
CREATE INDEX secrets_key_id ON secrets (key_id, tenant_id, id);
CREATE INDEX secrets_page ON secrets (tenant_id, created_at DESC, id DESC);
SELECT fence_table('secrets', 'SELECT, INSERT, UPDATE, DELETE');
SELECT audit_table('secrets', '{sealed}');
-- A rotation looks across tenants for rows of old keys; it reads and writes what is sealed as each tenant.
CREATE POLICY platform ON secrets FOR SELECT TO immivo_platform USING (true);
GRANT SELECT (id, tenant_id, key_id) ON secrets TO immivo_platform;

-- Nothing is sealed with a retired key. Another process may still hold one and know nothing of the rotation: the lock
-- makes the retirement (which takes the row FOR UPDATE) wait for a writer under way, and a writer wait for it.
CREATE FUNCTION refuse_retired_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM FROM data_keys WHERE id = NEW.key_id AND state <> 'RETIRED' FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the key % is retired', NEW.key_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'secrets_key_in_use', TABLE = 'secrets';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION refuse_retired_key() FROM public;
CREATE TRIGGER refuse_retired_key BEFORE INSERT OR UPDATE OF key_id ON secrets
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_key();
