-- How far each watched mailbox was read, and how watching it goes. What was read is remembered here and nowhere in the
-- mailbox: flags belong to the people who use it.
CREATE TABLE imap_cursors (
    tenant_id       uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    -- user@host/folder
    mailbox         text NOT NULL,
    -- counts how often the server numbered the mails anew; 0: never seen yet. A poller that still believes in an older
    -- numbering can store nothing.
    epoch           integer NOT NULL DEFAULT 0,
    uid_validity    bigint,
    -- mails up to this UID are done
    last_uid        bigint,
    -- mail that arrived before this is not ours to answer
    since           timestamptz,
    -- start of the last check that went through; decides where to begin after a new numbering
    last_ok_at      timestamptz,
    last_checked_at timestamptz NOT NULL,
    last_error      text,
    -- the mail that could not be fetched, and in how many checks
    failed_uid      bigint,
    failures        integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, mailbox),
    CONSTRAINT imap_cursors_seen_whole CHECK (
        epoch >= 0 AND num_nulls(uid_validity, last_uid, since, last_ok_at) = CASE epoch WHEN 0 THEN 4 ELSE 0 END)
);
ALTER TABLE imap_cursors ENABLE ROW LEVEL SECURITY;
ALTER TABLE imap_cursors FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_fence ON imap_cursors TO immivo_app USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant());
GRANT SELECT, INSERT, UPDATE ON imap_cursors TO immivo_app;
