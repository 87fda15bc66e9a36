-- Addresses for trying out whether mail arrives, and how: `<prefix>+test-<mark>@<intake domain>`, good once and for a
-- while. The first mail to one is its test mail; what it showed is kept here, apart from the mail, which the retention
-- of mails may remove before this row.
CREATE TABLE test_addresses (
    id                uuid PRIMARY KEY,
    tenant_id         uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- 80 random bits, so that nobody's mail is taken for a test by chance
    mark              text NOT NULL,
    created_by        uuid NOT NULL REFERENCES users,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    -- the test mail, once it was read
    intake_message_id uuid,
    arrived_at        timestamptz,
    -- how it came, as src/domain/intake/trial/route.rs reads it
    route             jsonb,
    -- of the test mail: a copy of it that comes by another way is a test mail, too
    message_id        text,
    CONSTRAINT test_addresses_tenant_id_key UNIQUE (tenant_id, id),
    CONSTRAINT test_addresses_mark_key UNIQUE (tenant_id, mark),
    CONSTRAINT test_addresses_intake_message FOREIGN KEY (tenant_id, intake_message_id)
        REFERENCES intake_messages (tenant_id, id) ON DELETE SET NULL (intake_message_id),
    CONSTRAINT test_addresses_arrived CHECK ((arrived_at IS NULL) = (route IS NULL))
);
CREATE INDEX test_addresses_intake_message ON test_addresses (tenant_id, intake_message_id);
CREATE INDEX test_addresses_expiry ON test_addresses (tenant_id, expires_at);
SELECT fence_table('test_addresses', 'SELECT, INSERT, UPDATE, DELETE');

-- Whoever waits for the test mail has a page open.
ALTER TABLE events DROP CONSTRAINT events_entity_known;
-- USER is told to no client: it says that somebody's rights changed, so that open streams ask for theirs again
ALTER TABLE events ADD CONSTRAINT events_entity_known
    CHECK (entity IN ('LEAD', 'MESSAGE', 'TASK', 'DRAFT', 'VIEWING', 'USER', 'TEST_ADDRESS'));
CREATE FUNCTION note_test_address() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO events (tenant_id, entity, entity_id) VALUES (NEW.tenant_id, 'TEST_ADDRESS', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER note_test_address AFTER UPDATE OF arrived_at ON test_addresses FOR EACH ROW
    WHEN (OLD.arrived_at IS DISTINCT FROM NEW.arrived_at) EXECUTE FUNCTION note_test_address();
