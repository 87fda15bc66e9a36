-- Connections of agencies to servers elsewhere (mailboxes, so far), who watches each mailbox, and how that goes.

CREATE TABLE connections (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    kind       text NOT NULL DEFAULT 'IMAP',
    host       text NOT NULL,
    port       integer NOT NULL,
    -- TLS: from the first byte. STARTTLS: asked for before anything else. NONE: only with a server on this machine
    tls        text NOT NULL,
    username   text NOT NULL,
    -- what the secret is: a password, or an access token (XOAUTH2). The secret itself is the tenant's secret
    -- connection-<id>
    auth       text NOT NULL,
    folder     text NOT NULL,
    -- mail that arrived on this day or later is taken; NULL: only what arrives from now on
    since      date,
    -- FALSE: kept, but nobody watches it
    active     boolean NOT NULL DEFAULT true,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT connections_kind_known CHECK (kind IN ('IMAP')),
    CONSTRAINT connections_tls_known CHECK (tls IN ('TLS', 'STARTTLS', 'NONE')),
    CONSTRAINT connections_auth_known CHECK (auth IN ('PASSWORD', 'XOAUTH2')),
    CONSTRAINT connections_port_range CHECK (port BETWEEN 1 AND 65535),
    -- how far a mailbox was read is known by these three
    CONSTRAINT connections_mailbox_key UNIQUE (tenant_id, username, host, folder)
);
CREATE INDEX connections_page ON connections (tenant_id, created_at DESC, id DESC);
SELECT fence_table('connections', 'SELECT, INSERT, UPDATE, DELETE');
SELECT audit_table('connections');
-- Every poller looks which mailboxes there are, whosever they are.
CREATE POLICY platform ON connections FOR SELECT TO immivo_platform USING (true);
GRANT SELECT ON connections TO immivo_platform;

-- Processes that watch mailboxes. One that has not been seen for a while is believed dead; the database's clock counts,
-- since those of the processes may differ.
CREATE TABLE imap_pollers (
    id      uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON imap_pollers TO immivo_platform;

ALTER TABLE imap_cursors
    -- Who watches the mailbox. Each new owner gets the next number (a fencing token): whoever comes with an older one,
    -- because it slept while another took over, can store nothing.
    ADD COLUMN owner         uuid,
    ADD COLUMN fence         bigint NOT NULL DEFAULT 0,
    -- from when on mail was asked for when the numbering was begun (connections.since); NULL: from the first look on
    ADD COLUMN asked_since   timestamptz,
    -- the first of the failed checks since the last one that went through
    ADD COLUMN failing_since timestamptz,
    -- what a human has to do something about; trouble that usually passes gets five minutes before it is one
    ADD COLUMN problem       text,
    -- a mailbox has an owner before it was looked at
    ALTER COLUMN last_checked_at DROP NOT NULL,
    ADD CONSTRAINT imap_cursors_failing_whole CHECK (problem IS NULL OR failing_since IS NOT NULL),
    ADD CONSTRAINT imap_cursors_problem_known CHECK (problem IN (
        'UNREACHABLE', 'ADDRESS_NOT_ALLOWED', 'TLS_FAILED', 'LOGIN_REFUSED', 'NO_SECRET', 'FOLDER_MISSING',
        'SERVER_TROUBLE', 'MAIL_UNREADABLE', 'INTERNAL'));
CREATE INDEX imap_cursors_owner ON imap_cursors (owner) WHERE owner IS NOT NULL;
-- Mailboxes are given to pollers and taken from them for all agencies at once.
CREATE POLICY platform ON imap_cursors TO immivo_platform USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, mailbox, owner, fence), INSERT (tenant_id, mailbox, owner, fence), UPDATE (owner, fence)
    ON imap_cursors TO immivo_platform;

-- Live events: a connection was made, changed or removed, or how it goes has changed.
ALTER TABLE events DROP CONSTRAINT events_entity_known;
ALTER TABLE events ADD CONSTRAINT events_entity_known CHECK (
    entity IN ('LEAD', 'MESSAGE', 'TASK', 'DRAFT', 'VIEWING', 'USER', 'TEST_ADDRESS', 'CONNECTION'));

CREATE FUNCTION note_connection() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- When the whole tenant goes, nobody is left to be told.
        INSERT INTO events (tenant_id, entity, entity_id)
        SELECT id, 'CONNECTION', OLD.id FROM tenants WHERE id = OLD.tenant_id;
    ELSE
        INSERT INTO events (tenant_id, entity, entity_id, version) VALUES (NEW.tenant_id, 'CONNECTION', NEW.id, NEW.version);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_event AFTER INSERT OR UPDATE OR DELETE ON connections
    FOR EACH ROW EXECUTE FUNCTION note_connection();

CREATE FUNCTION note_connection_health() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO events (tenant_id, entity, entity_id, version)
    SELECT c.tenant_id, 'CONNECTION', c.id, c.version FROM connections c
    WHERE c.tenant_id = NEW.tenant_id AND c.username || '@' || c.host || '/' || c.folder = NEW.mailbox;
    RETURN NULL;
END $$;
CREATE TRIGGER note_event AFTER UPDATE ON imap_cursors FOR EACH ROW
    WHEN (OLD.problem IS DISTINCT FROM NEW.problem OR OLD.last_checked_at IS NULL AND NEW.last_checked_at IS NOT NULL)
    EXECUTE FUNCTION note_connection_health();
